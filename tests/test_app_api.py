"""The HTTP API: who may ask, how much, and what is answered."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from made_engine import make_engine_run
from test_app_routes import OURS, Client

from mlcore.prediction_service import shutdown_all
from pages.routes import v1_models
from pages.routes.v1_limits import allowances
from pages.routes.v1_openapi import DOCUMENT
from storage.api_access import (
    change_access,
    create_token,
    load_access,
    revoke_token,
    switch_api,
)
from storage.home import Settings, save_settings
from storage.labels import create_labels
from storage.projects import Project, create_project
from storage.records import Run
from storage.runs import run_dir

MakeImage = Callable[..., bytes]
CLASSIFY = "/api/v1/classify"
REFUSED = {"api_off": 403, "no_token": 401, "unknown_token": 401}


@pytest.fixture(scope="module", autouse=True)
def predictor() -> Iterator[None]:
    """One predictor process for all of them."""
    yield
    shutdown_all()


@pytest.fixture(autouse=True)
def engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The predictor uses the engine that comes with the run."""
    monkeypatch.setenv("UNSEEN_ENGINE", "onnx")


@pytest.fixture
def secret(home: Path) -> str:
    """A token of an API that is on."""
    v1_models.remembered.clear()
    allowances.clear()
    switch_api(on=True)
    return create_token("tests")[1]


@pytest.fixture
def run(project: Project) -> Run:
    """A run that knows red and blue, bright and dark; never saw dark blue."""
    return make_engine_run(project)


@pytest.fixture
def client() -> Client:
    return Client()


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def ask(client: Client, secret: str, data: bytes, query: str = "") -> httpx.Response:
    return client.send("POST", CLASSIFY + query, bearer(secret), content=data)


def test_a_picture_is_answered_with_all_that_is_known_of_it(
    client: Client, secret: str, run: Run, make_image: MakeImage
) -> None:
    answer = ask(client, secret, make_image((0, 0, 90)), "?name=blue.png")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    fits("Classified", found)
    assert (found["project"], found["run"]) == ("clothes", run.run_id)
    (result,) = found["results"]
    assert result["name"] == "blue.png"
    assert result["combination"] == ["blue", "dark"]
    assert result["combination_seen"] is False
    assert "unseen" in result["doubts"] and result["warnings"]
    assert {"path"}.isdisjoint(result)


def test_of_several_pictures_a_bad_one_costs_one(
    client: Client, secret: str, run: Run, make_image: MakeImage
) -> None:
    save_settings(Settings(max_image_bytes=2000))
    files = [
        ("images", ("a.png", make_image("red"), "image/png")),
        ("images", ("b.txt", b"no picture at all", "text/plain")),
        ("images", ("c.png", b"x" * 3000, "image/png")),
        ("images", ("d.png", make_image("blue"), "image/png")),
    ]
    answer = client.send("POST", CLASSIFY, bearer(secret), files=files)
    results = answer.json()["results"]
    fits("Classified", answer.json())
    assert [one["name"] for one in results] == ["a.png", "b.txt", "c.png", "d.png"]
    assert [bool(one.get("error")) for one in results] == [False, True, True, False]
    assert results[0]["combination"][0] == "red"
    assert results[3]["combination"][0] == "blue"


@pytest.mark.parametrize("code", REFUSED)
def test_who_has_no_right_is_refused_with_a_code(
    client: Client, secret: str, run: Run, make_image: MakeImage, code: str
) -> None:
    headers = bearer(secret)
    if code == "no_token":
        headers = {"Authorization": "Basic abc"}
    elif code == "unknown_token":
        revoke_token(load_access().tokens[0].token_id)
    else:
        switch_api(on=False)
    picture = make_image("red")
    for method, path in (("POST", CLASSIFY), ("GET", "/api/v1/models")):
        answer = client.send(method, path, headers, content=picture)
        assert answer.status_code == REFUSED[code]
        assert answer.json()["code"] == code
        fits("Error", answer.json())


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (CLASSIFY, {"Host": "evil.example"}),
        (CLASSIFY, {"Origin": "http://evil.example"}),
        ("/api/clothes/uploads", {}),
        ("/api/v1/labels", {}),
        ("/api/v1/classify/", {}),
        ("/api/v1/../clothes/uploads", {}),
    ],
)
def test_a_token_opens_no_other_door(
    client: Client, secret: str, run: Run, path: str, headers: dict[str, str]
) -> None:
    answer = client.send("POST", path, bearer(secret) | headers, content=b"x")
    assert answer.status_code == 403
    assert "results" not in answer.text


def test_our_own_pages_still_need_no_token_for_their_own_paths(
    client: Client, secret: str, project: Project
) -> None:
    assert client.send("POST", "/api/clothes/uploads", OURS).status_code == 200
    assert client.send("POST", CLASSIFY, OURS, content=b"x").status_code == 401


def test_too_many_requests_are_told_when_to_come_again(
    client: Client, secret: str, run: Run, make_image: MakeImage
) -> None:
    change_access(per_minute=2, default_model="")
    picture = make_image("red")
    statuses = [ask(client, secret, picture).status_code for _ in range(2)]
    answer = ask(client, secret, picture)
    assert statuses == [200, 200] and answer.status_code == 429
    assert answer.json()["code"] == "too_many_requests"
    assert 1 <= int(answer.headers["retry-after"]) <= 30
    other = create_token("another program")[1]
    assert ask(client, other, picture).status_code == 200


def test_what_is_too_large_is_refused_unread(
    client: Client, secret: str, run: Run, make_image: MakeImage
) -> None:
    save_settings(Settings(max_image_bytes=2000))
    answer = ask(client, secret, b"x" * 2001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    async def pieces() -> Any:
        for _ in range(3):
            yield b"x" * 1000

    answer = client.send("POST", CLASSIFY, bearer(secret), content=pieces())
    assert answer.status_code == 413
    many = [("images", ("a.png", b"x", "image/png"))] * 65
    answer = client.send("POST", CLASSIFY, bearer(secret), files=many)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_pictures")


@pytest.mark.parametrize(
    ("query", "content", "said"),
    [
        ("?project=nowhere", b"x", (404, "not_found")),
        ("?project=clothes&run=r9999", b"x", (404, "not_found")),
        ("?run=r0001", b"x", (404, "not_found")),
        ("", b"", (400, "no_picture")),
        ("", b"no picture at all", (415, "unsupported_type")),
        ("?projct=clothes", b"x", (400, "bad_query")),
    ],
)
def test_what_is_not_there_is_said(
    client: Client, secret: str, run: Run, query: str, content: bytes, said: object
) -> None:
    answer = ask(client, secret, content, query)
    assert (answer.status_code, answer.json()["code"]) == said
    assert answer.json()["error"].endswith(".")


def test_another_method_and_an_unknown_address_are_said_with_a_code(
    client: Client, secret: str
) -> None:
    answer = client.send("GET", CLASSIFY, bearer(secret))
    assert (answer.status_code, answer.json()["code"]) == (405, "method")
    assert answer.headers["allow"] == "POST"
    answer = client.send("GET", "/api/v1/clasify", bearer(secret))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_run_that_one_project_has_needs_no_project_beside_it(
    client: Client, secret: str, run: Run, make_image: MakeImage
) -> None:
    query = f"?run={run.run_id}"
    answer = ask(client, secret, make_image("red"), query)
    assert (answer.status_code, answer.json()["project"]) == (200, "clothes")
    v1_models.remembered.clear()
    with create_project("second") as second:
        make_engine_run(second)
    answer = ask(client, secret, make_image("red"), query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
    assert "clothes, second have that run" in answer.json()["error"]


def test_a_changed_run_is_refused_by_the_name_of_its_file(
    client: Client, secret: str, run: Run, project: Project, make_image: MakeImage
) -> None:
    picture = make_image("red")
    assert ask(client, secret, picture).status_code == 200
    (run_dir(project, run.run_id) / "weights.weights.h5").write_bytes(b"other")
    answer = ask(client, secret, picture)
    assert (answer.status_code, answer.json()["code"]) == (409, "model_unusable")
    assert "weights.weights.h5" in answer.json()["error"]


def test_models_are_listed_with_what_changed_since(
    client: Client, secret: str, run: Run, project: Project
) -> None:
    create_labels(project, ["striped"], who="")
    answer = client.send("GET", "/api/v1/models", bearer(secret))
    fits("Models", answer.json())
    (model,) = answer.json()["models"]
    assert model["labels"] == ["red", "blue", "bright", "dark"]
    assert model["is_best"] is True
    assert "“striped” added" in model["labels_changed"]


def test_tokens_are_kept_as_digests_that_only_this_user_reads(
    home: Path, secret: str
) -> None:
    path = home / "api.json"
    assert secret not in path.read_text()
    assert len(secret) > 43
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_settings_that_cannot_be_read_close_the_door(
    client: Client, home: Path, secret: str
) -> None:
    (home / "api.json").write_text("{")
    answer = ask(client, secret, b"x")
    assert (answer.status_code, answer.json()["code"]) == (503, "api_unusable")


def test_health_and_description_need_no_token(client: Client, secret: str) -> None:
    assert client.send("GET", "/api/v1/health", {}).json() == {"status": "ok"}
    found = client.send("GET", "/api/v1/openapi.json", {}).json()
    assert found == DOCUMENT
    text = (Path(__file__).parent.parent / "docs" / "api.md").read_text()
    for path, operations in found["paths"].items():
        assert f"/api/v1{path}" in text
        for operation in operations.values():
            for status in operation["responses"]:
                assert status == "200" or f"| {status} |" in text


def fits(schema: str, found: Any) -> None:
    """The answer is what the OpenAPI document says of it."""
    wanted = {"$ref": f"#/components/schemas/{schema}"}
    whole = {**wanted, "components": DOCUMENT["components"]}
    Draft202012Validator(whole).validate(found)
