"""Tell a program on this computer that a run has ended. Never anything elsewhere."""

import json
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from storage.errors import StorageError
from storage.home import load_settings
from storage.records import Run

TIMEOUT_S = 3.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead off this computer."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing; urllib raises its HTTPError then."""
        return None


def tell_run_ended(project_name: str, run: Run, say: Callable[[str], None]) -> None:
    """POST the run's end to the address in the settings, if there is one.

    A run never fails by this: what goes wrong is only said in its log.
    """
    try:
        # Settings refuse any other host, also when the file was changed by hand.
        url = load_settings().webhook_url
        if url:
            _post(url, describe_end(project_name, run))
            say(f"Told {url} that the run has ended.")
    except (StorageError, OSError, HTTPException) as error:
        say(f"Nobody could be told that the run has ended: {error}")


def describe_end(project_name: str, run: Run) -> dict[str, Any]:
    """What is sent: project, run, state and figures; no picture, no label."""
    return {
        "project": project_name,
        "run": run.run_id,
        "state": run.state,
        "metrics": run.metrics,
        "seconds": run.seconds,
    }


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method="POST",
    )
    # An empty ProxyHandler: a proxy of the environment would carry it away.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    with opener.open(request, timeout=TIMEOUT_S):
        pass
