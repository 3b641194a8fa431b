"""Settings of one project, as JSON values under a name."""

import json
from typing import Any

from storage.database import fetch_value, immediate, run_sql
from storage.projects import Project


def read_setting(project: Project, name: str, default: Any = None) -> Any:
    """The value under this name, or the default when nobody set it."""
    text = fetch_value(
        project.db, "SELECT value FROM project_settings WHERE name = ?", [name]
    )
    return default if text is None else json.loads(text)


def write_setting(project: Project, name: str, value: Any) -> None:
    """Keep a JSON value under a name; None forgets it."""
    with immediate(project.db) as db:
        run_sql(db, "DELETE FROM project_settings WHERE name = ?", [name])
        if value is not None:
            text = json.dumps(value, ensure_ascii=False)
            run_sql(db, "INSERT INTO project_settings VALUES (?, ?)", [name, text])
