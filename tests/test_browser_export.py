"""A model is taken away with its proof, and brought into another project."""

import json
from pathlib import Path

import pytest
from browser import IN_A_BROWSER, open_browser, run_app, show
from made_models import CONVNET
from playwright.sync_api import Page, expect
from test_mlcore_model_export import make_run
from tiny_training import add_pictures, draw

from storage.answers import set_many
from storage.labels import create_labels
from storage.projects import create_project, open_project
from storage.runs import list_runs, run_dir

pytestmark = [
    *IN_A_BROWSER,
    # keras 3.15 with numpy 2.4, in its own save_weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
LONG_MS = 120_000


def make_projects() -> None:
    """One with a run that has no held-out pictures, one without any run."""
    with create_project("clothes") as project:
        described = run_dir(project, make_run(project, CONVNET)) / "model.json"
        facts = json.loads(described.read_text()) | {"imported": {}}
        described.write_text(json.dumps(facts))
    with create_project("shop") as project:
        _, red = create_labels(project, ["plaid", "red"], who="")
        ids = add_pictures(project, [draw("red", "tall", seed) for seed in range(3)])
        rows = [(image_id, frozenset({red.label_id})) for image_id in ids[:2]]
        set_many(project, rows, who="", batch_id="1")


def take_away(page: Page, target: Path) -> None:
    section = page.locator(".st-key-review_export")
    expect(section.get_by_text("If in doubt, this one")).to_be_visible(timeout=LONG_MS)
    section.get_by_role("button", name="Prepare the zip").click()
    expect(section.get_by_role("progressbar")).to_be_visible(timeout=LONG_MS)
    proof = section.get_by_text("Proved: 3 pictures, largest difference 0.0000")
    expect(proof).to_be_visible(timeout=LONG_MS)
    with page.expect_download() as waiting:
        section.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == "clothes-run1-onnx.zip"
    waiting.value.save_as(target)


def bring_in(page: Page, source: Path) -> None:
    page.get_by_text("Bring in a model").click()
    fold = page.locator(".st-key-model_arrival")
    expect(fold.get_by_text("Drop the zip of a model here")).to_be_visible()
    fold.locator("input[type=file]").first.set_input_files(source)
    arrived = fold.get_by_text("It is r0001-imported now, from clothes, r0001-fast.")
    expect(arrived).to_be_visible(timeout=LONG_MS)
    expect(fold.get_by_text("it does not know “plaid”")).to_be_visible()


def test_a_model_goes_out_with_its_proof_and_comes_in_elsewhere(home: Path) -> None:
    make_projects()
    with run_app(home) as server, open_browser() as browser:
        page = browser.new_page()
        show(page, server, "review", "clothes")
        take_away(page, home / "model.zip")
        show(page, server, "train", "shop")
        bring_in(page, home / "model.zip")
        show(page, server, "review", "shop")
        expect(page.get_by_text("was trained elsewhere").first).to_be_visible()
        page.get_by_role("button", name="Measure it on this project").click()
        # The model is loading: long enough to change one's mind.
        page.locator(".st-key-review_measure_cancel button").click()
        ended = page.get_by_text("Cancelled. What was measured before stays.")
        expect(ended).to_be_visible(timeout=LONG_MS)
        expect(page.get_by_role("heading", name="Take it away")).to_be_visible()

    with open_project("shop") as project:
        (run,) = list_runs(project)
    assert run.is_usable and run.message == "Imported from clothes, r0001-fast"
