"""The documentation says what the program does."""

import re
from pathlib import Path

import pytest

from mlcore.cli import MODULES, build_parser
from mlcore.recipes import RECIPES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = (ROOT / "docs" / "command-line.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]


def command_parsers(command: str = "") -> dict:
    actions = build_parser(command)._subparsers._group_actions
    return dict(actions[0].choices)


def test_the_first_command_stands_in_the_first_fifteen_lines_of_the_readme() -> None:
    assert "make run" in "\n".join(README.splitlines()[:15])


@pytest.mark.parametrize("name", command_parsers())
def test_every_command_and_option_is_documented(name: str) -> None:
    row = next(
        line for line in COMMANDS.splitlines() if re.match(rf"\| `{name}[ `]", line)
    )
    options = {
        option
        for action in command_parsers()[name]._actions
        for option in action.option_strings
        if option.startswith("--") and option not in ("--help", "--json")
    }
    assert {option for option in options if option not in row} == set()


@pytest.mark.parametrize("names", MODULES.values(), ids=" ".join)
def test_for_a_command_its_own_module_is_loaded_and_no_other(
    names: tuple[str, ...],
) -> None:
    for name in names:
        assert tuple(command_parsers(name)) == names


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_and_pictures_lead_to_files_that_exist(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    local = [t for t in targets if "://" not in t]
    assert [t for t in local if not (page.parent / t).exists()] == []


def test_the_changelog_names_every_recipe() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert [name for name in RECIPES if f"`{name}`" not in text] == []


def test_every_environment_variable_of_the_code_is_in_the_readme() -> None:
    used = {
        name
        for folder in ("storage", "mlcore", "pages")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\"(UNSEEN_[A-Z_]+)\"", path.read_text())
    }
    assert {name for name in used if f"`{name}`" not in README} == set()
