"""What tells the runs of a series apart, in a few words for their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlcore.config import TrainConfig
from mlcore.errors import MLError
from mlcore.run_compare import setting_title
from mlcore.run_search import STRENGTH, STRENGTHENED, strengthen
from storage.run_series import list_series

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run
    from storage.run_series import Series


def difference_words(project: Project, runs: Sequence[Run]) -> dict[str, str]:
    """Return by run id "rate 0.001 · 64 px", or "seed 43", as plain text."""
    if not any(run.series_id for run in runs):
        return {}
    series = {one.series_id: one for one in list_series(project)}
    return {
        run.run_id: _words(run, series.get(run.series_id))
        for run in runs
        if run.series_id
    }


def _words(run: Run, series: Series | None) -> str:
    if series is None or series.kind != "search":
        return f"seed {run.config.get('seed')}"
    names = _varied(series.plan.get("tries", []))
    shown = (_setting_words(name, _value(run, series, name)) for name in names)
    return " · ".join(words for words in shown if words)


def _varied(tries: Sequence[dict[str, Any]]) -> list[str]:
    """Return the settings that are not the same in all tries."""
    names = dict.fromkeys(name for one in tries for name in one)
    return [name for name in names if len({repr(one.get(name)) for one in tries}) > 1]


def _value(run: Run, series: Series, name: str) -> Any:
    if name != STRENGTH:
        return run.config.get(name)
    try:
        base = TrainConfig.from_json(series.plan["config"])
    except MLError:
        return None  # a plan of another version
    wanted = {one: run.config.get(one) for one in STRENGTHENED}
    tried = dict.fromkeys(one.get(STRENGTH) for one in series.plan["tries"])
    return next((s for s in tried if strengthen(base, float(s or 0)) == wanted), None)


def _setting_words(name: str, value: Any) -> str:
    if value is None:
        return ""
    match name:
        case "image_size_px":
            return f"{value} px"
        case "learning_rate":
            return f"rate {value:g}"
        case "regularisation":
            return f"regularisation {f'{value:g}' if value else 'automatic'}"
        case "augmentation":
            return f"augmentation {value:g} ×"
    return f"{setting_title(name).lower()} {value}"
