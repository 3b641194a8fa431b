"""What a browser gets of suggestions: routes, the line about them, "enough yet?"."""

import asyncio
import json

import httpx
import pytest
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest
from tiny_training import WHO, add_pictures, draw

from mlcore import scoring
from mlcore.scoring import ScoringStatus
from pages.parts import suggestion_status
from pages.routes import answers, suggestions
from storage.answers import answer
from storage.groups import set_group
from storage.projects import Project
from storage.runs import claim_next, create_run, finish_run, run_dir
from storage.scores import ImageScore, put_scores

RED, BLUE, DRESS = 1, 2, 3


@pytest.fixture
def images(project: Project) -> list[int]:
    """Three pictures read as red dresses by run 1, the second most surely."""
    set_group(project, "colour", ["red", "blue"], "exactly-one", who=WHO)
    set_group(project, "garment", ["dress", "jeans"], "exactly-one", who=WHO)
    ids = add_pictures(project, [draw("red", "tall", seed) for seed in range(3)])
    create_run(project, recipe="x", config={}, epochs_total=1)
    run = claim_next(project)
    assert run is not None
    finish_run(project, run.run_id, run.attempt, "finished", seconds=1.0)
    (run_dir(project, run.run_id) / "model.json").write_text(json.dumps({"format": 1}))
    put_scores(
        project,
        run.run_id,
        [
            ImageScore(i, run.run_id, (RED, DRESS), True, p, 0.5, {RED: p, DRESS: 0.5})
            for i, p in zip(ids, (0.7, 0.9, 0.8), strict=True)
        ],
    )
    return ids


def get(path: str) -> httpx.Response:
    app = Starlette(routes=suggestions.ROUTES, exception_handlers=answers.HANDLERS)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost"
        ) as client:
            return await client.get(f"/api/clothes/{path}")

    return asyncio.run(ask())


def test_suggestions_come_by_label_and_combination(
    project: Project, images: list[int]
) -> None:
    first, second, third = images
    body = get(f"suggestions?label={RED}").json()
    assert [image["id"] for image in body["images"]] == [second, third, first]
    assert body["images"][0]["probability"] == 0.9
    assert (body["images"][0]["answers"], body["total"]) == ({}, 3)
    answer(project, third, {BLUE: True}, who=WHO, batch_id="a")
    body = get(f"suggestions?label={RED}&label={DRESS}&offset=1").json()
    assert [image["id"] for image in body["images"]] == [first]
    assert body["total"] == 2
    counted = get("suggestions/counts").json()
    assert counted["counts"] == {str(RED): 2, str(DRESS): 3}
    assert counted["sets"] == [{"key": f"{RED},{DRESS}", "count": 2}]
    assert counted["status"]["state"] == "done"
    assert get("suggestions").status_code == 400
    assert get("suggestions?label=x").status_code == 400


def draw_both() -> None:
    from pages.parts import enough_lines, suggestion_status
    from storage.projects import open_project

    with open_project("clothes") as project:
        suggestion_status.show(project)
        enough_lines.show(project)


def test_the_line_says_how_far_suggestions_are_and_what_enough_yet_needs(
    project: Project, images: list[int]
) -> None:
    app = AppTest.from_function(draw_both).run()
    assert "**Run 1** has read all 3 pictures." in app.markdown[0].value
    assert "Two finished runs are needed" in app.markdown[1].value
    app.toggle[0].set_value(False).run()
    assert not scoring.is_automatic(project)
    add_pictures(project, [draw("red", "tall", 9)])
    app.run()
    words = "**Run 1** has read 3 of 4. Automatic suggestions are off."
    assert words in app.markdown[0].value.replace("\\", "")
    waiting = create_run(project, recipe="x", config={}, epochs_total=1)
    app.toggle[0].set_value(True).run()
    assert f"Waits until run {waiting.number} has trained" in app.markdown[0].value
    app.button(key="suggestion_cancel").click().run()
    assert "Cancelled" in app.markdown[0].value
    app.button(key="suggestion_start").click().run()
    assert "Waits until" in app.markdown[0].value
    assert not app.exception


def test_progress_is_said_with_speed_and_time_left() -> None:
    status = ScoringStatus("r1", "running", 1200, 2072, "", 110.4, 75.0)
    words = suggestion_status.sentence(status, [])
    assert words == "**r1** has read 1,200 of 2,072 · 110 a second · 1 min 15 s left"
