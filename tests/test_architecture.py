"""The house rules that a machine can check: who may import whom, and sizes."""

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcore.cli import MODULES

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ("app.py", "pages", "mlcore", "storage")
FORBIDDEN = {
    "storage": {"mlcore", "pages", "app", "streamlit", "numpy", "keras", "tensorflow"},
    "mlcore": {"pages", "app", "streamlit"},
    "pages": {"app", "tensorflow", "keras"},
    "app.py": {"tensorflow", "keras"},
}
TENSORFLOW_FREE = (
    "mlcore.jobs",
    ", ".join(f"mlcore.{module}" for module in MODULES),
    "mlcore.features",
    "mlcore.prediction_service",
    "app",
)


def source_files(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported_packages(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def functions() -> Iterator[tuple[str, int]]:
    for path in source_files(*HOUSE):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                place = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                yield place, body_lines(node)


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    total = (node.end_lineno or node.lineno) - node.lineno + 1
    if not ast.get_docstring(node):
        return total
    text = node.body[0]
    return total - ((text.end_lineno or 0) - text.lineno + 1)


@pytest.mark.parametrize("place", FORBIDDEN)
def test_imports_go_one_way_down_the_house(place: str) -> None:
    upward = {
        str(path.relative_to(ROOT)): sorted(imported_packages(path) & FORBIDDEN[place])
        for path in source_files(place)
        if imported_packages(path) & FORBIDDEN[place]
    }
    assert upward == {}


def test_sql_is_written_only_in_storage() -> None:
    def speaks_sql(path: Path) -> bool:
        return bool(imported_packages(path) & {"sqlite3", "pysqlite3", "sqlite_utils"})

    assert [p for p in source_files("app.py", "pages", "mlcore") if speaks_sql(p)] == []


@pytest.mark.parametrize("module", TENSORFLOW_FREE)
def test_importing_it_does_not_load_tensorflow(module: str) -> None:
    code = f"import {module}, sys; print('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout.strip().splitlines() or [done.stderr])[-1] == "False"


def test_importing_every_page_part_does_not_load_tensorflow() -> None:
    parts = [f"pages.parts.{p.stem}" for p in source_files("pages/parts")]
    routes = [f"pages.routes.{p.stem}" for p in source_files("pages/routes")]
    modules = ", ".join(m for m in parts + routes if not m.endswith("__init__"))
    code = f"import {modules}, sys; print('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout.strip().splitlines() or [done.stderr])[-1] == "False"


def test_functions_are_short() -> None:
    lengths = sorted(length for _, length in functions())
    assert statistics.median(lengths) < 12
    assert lengths[int(len(lengths) * 0.9)] <= 30


def test_no_function_is_longer_than_sixty_lines() -> None:
    assert [place for place, length in functions() if length > 60] == []


def test_files_are_one_room_each() -> None:
    lengths = {p: len(p.read_text().splitlines()) for p in source_files(*HOUSE)}
    assert {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > 300} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [p for p in source_files(*HOUSE) if p.stem in vague] == []


def test_nothing_unpickles_or_evaluates() -> None:
    banned = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
    # The one reader of .pth files: its Unpickler knows four names and refuses all else.
    allowed = {ROOT / "mlcore" / "torch_archive.py": {"pickle"}}
    guilty = [
        p
        for p in source_files(*HOUSE)
        if imported_packages(p) & banned - allowed.get(p, set())
    ]
    calls = [
        p
        for p in source_files(*HOUSE)
        for node in ast.walk(ast.parse(p.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"eval", "exec"}
    ]
    assert guilty + calls == []
