"""The routes behind the labeler and the grid: list, answer, delete, undo."""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from filled_project import fill
from starlette.applications import Starlette
from starlette.middleware import Middleware

from pages.routes import answers, label_keys, labels, people
from pages.routes.guard import Guard
from storage.answers import answers_of, history
from storage.image_marks import mark_reviewed
from storage.images import add_images
from storage.labels import (
    create_labels,
    delete_label,
    list_labels,
    merge_labels,
    rename_label,
    set_group,
)
from storage.projects import Project
from storage.records import NewImage
from storage.scores import ImageScore, put_scores
from storage.splits import assign_splits

OURS = {"Origin": "http://localhost", "X-Unseen": "1"}


class Client:
    """Sends requests to the routes as our own page does."""

    def __init__(self) -> None:
        app = Starlette(
            routes=[*labels.ROUTES, *label_keys.ROUTES, *people.ROUTES],
            middleware=[Middleware(Guard)],
            exception_handlers=answers.HANDLERS,
        )
        self.transport = httpx.ASGITransport(app)

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def answer() -> httpx.Response:
            options = {"transport": self.transport, "base_url": "http://localhost"}
            async with httpx.AsyncClient(**options, headers=OURS) as opened:
                return await opened.request(method, path, **more)

        return asyncio.run(answer())

    def get(self, path: str) -> httpx.Response:
        return self.send("GET", path)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.send("POST", path, **more)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def images(project: Project, make_image: Callable[..., bytes]) -> list[int]:
    """Five images; labels 1 black, 2 blue (one of them), 3 free."""
    set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
    create_labels(project, ["<b>bold</b>"], who="")
    return fill(project, make_image, 5)


def wish(image_ids: list[int], said: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"request_id": "request-0001", "image_ids": image_ids, "answers": said}
    return {"complete": False, **body, **more}


def test_an_answer_is_saved_and_reported_with_the_progress(
    client: Client, project: Project, images: list[int]
) -> None:
    answer = client.post("/api/clothes/answers", json=wish(images[:1], {"1": True}))
    assert answer.status_code == 200
    assert answer.json() == {
        "saved": 1,
        "answers": {str(images[0]): {"1": True, "2": False}},
        "progress": {"total": 5, "labelled": 1, "complete": 0},
    }
    assert answers_of(project, images[:1]) == {images[0]: {1: True, 2: False}}


def test_completing_says_no_to_what_was_not_named_and_keeps_unknown(
    client: Client, project: Project, images: list[int]
) -> None:
    client.post(
        "/api/clothes/answers", json=wish(images[:1], {"3": None}, complete=True)
    )
    assert answers_of(project, images[:1]) == {images[0]: {1: False, 2: False}}


def test_the_same_request_twice_is_once(
    client: Client, project: Project, images: list[int]
) -> None:
    first = client.post("/api/clothes/answers", json=wish(images, {"1": True}))
    lines = len(history(project))
    again = client.post("/api/clothes/answers", json=wish(images, {"1": True}))
    assert again.json() == first.json()
    assert len(history(project)) == lines


def test_an_undo_names_its_images_and_repeated_takes_back_nothing_more(
    client: Client, project: Project, images: list[int]
) -> None:
    for number, image_id in enumerate(images[:3]):
        body = wish([image_id], {"1": True}, request_id=f"request-{number:04}")
        client.post("/api/clothes/answers", json=body)
    wanted = {"request_id": "undo-00001"}
    answer = client.post("/api/clothes/undo", json=wanted).json()
    assert answer["undone"] == "request-0002"
    assert answer["answers"] == {str(images[2]): {}}
    client.post("/api/clothes/undo", json=wanted)
    assert client.get("/api/clothes/images").json()["progress"]["labelled"] == 2


def test_a_named_batch_is_undone_and_redone(
    client: Client, project: Project, images: list[int]
) -> None:
    client.post("/api/clothes/answers", json=wish(images, {"2": True}))
    body = {"request_id": "undo-00001", "batch_id": "request-0001"}
    assert client.post("/api/clothes/undo", json=body).json()["undone"]
    redone = client.post("/api/clothes/redo", json={"request_id": "redo-00001"})
    assert redone.json()["redone"] == "request-0001"
    assert answers_of(project, images)[images[4]] == {1: False, 2: True}


def test_deleted_images_disappear_from_every_list_until_undone(
    client: Client, images: list[int]
) -> None:
    body = {"request_id": "delete-0001", "image_ids": images[:2]}
    assert client.post("/api/clothes/images/delete", json=body).json()["deleted"] == 2
    assert client.get("/api/clothes/image-ids").json()["ids"] == images[2:]
    page = client.get(f"/api/clothes/images?ids={images[0]},{images[3]}").json()
    assert [image["id"] for image in page["images"]] == [images[3]]
    client.post("/api/clothes/undo", json={"request_id": "undo-00001"})
    assert client.get("/api/clothes/image-ids").json()["ids"] == images


def test_lists_follow_the_filter_the_order_and_the_page(
    client: Client, images: list[int]
) -> None:
    client.post("/api/clothes/answers", json=wish(images[:2], {"1": True}))
    ids = "/api/clothes/image-ids"
    assert client.get(f"{ids}?state=unlabelled").json()["ids"] == images[2:]
    assert client.get(f"{ids}?label=1").json()["ids"] == images[:2]
    assert client.get(f"{ids}?key=1").json()["ids"] == images[:2]
    assert client.get(f"{ids}?without=1&text=4").json()["ids"] == images[4:]
    page = client.get("/api/clothes/images?order=newest&offset=1&limit=2").json()
    assert [image["id"] for image in page["images"]] == [images[3], images[2]]
    assert page["total"] == 5


def test_every_part_of_a_filter_can_be_in_the_address(
    client: Client, project: Project, images: list[int]
) -> None:
    client.post("/api/clothes/answers", json=wish(images[:2], {"1": True}))
    mark_reviewed(project, images[1:2], True, who="", batch_id="look")
    assign_splits(project, {images[0]: "test"})
    read = ImageScore(images[0], "run", (2,), True, 0.9, 0.4, {1: 0.1, 2: 0.9})
    put_scores(project, "run", [read])
    found = {
        "unknown=1": images[2:],
        "expr=black and not blue": images[:2],
        "split=test": images[:1],
        "split=none": images[1:],
        "source=te": images,
        "source=st": [],
        "from=2020-01-01&to=2020-12-31": [],
        "from=2020-01-01": images,
        "reviewed=1": images[1:2],
        "reviewed=0&label=1": images[:1],
        "disagrees=1": images[:1],
        "disagrees=0": [],
        "order=uncertainty": images,
        "queue=unlabelled": images[2:],
        "queue=unlabelled&text=3.p": images[3:4],
        "queue=disagreement": images[:1],
    }
    paths = {query: f"/api/clothes/image-ids?{query}" for query in found}
    ids = {query: client.get(path).json()["ids"] for query, path in paths.items()}
    assert ids == found


def test_an_image_tells_its_marks_its_scores_and_why_a_queue_shows_it(
    client: Client, project: Project, images: list[int]
) -> None:
    client.post("/api/clothes/answers", json=wish(images[:1], {"1": True}))
    mark_reviewed(project, images[1:2], True, who="", batch_id="look")
    assign_splits(project, {images[0]: "test"})
    read = ImageScore(images[0], "run", (2,), True, 0.9, 0.4, {1: 0.1, 2: 0.9})
    put_scores(project, "run", [read])
    text = f"ids={images[0]},{images[1]}&queue=disagreement"
    [first, second] = client.get(f"/api/clothes/images?{text}").json()["images"]
    assert (first["split"], first["reviewed"]) == ("test", False)
    assert (second["split"], second["reviewed"]) == (None, True)
    assert first["scores"] == {"1": 0.1, "2": 0.9} and "scores" not in second
    reason = "people said black, the model reads blue (90 %)"
    assert first["reason"] == reason and "reason" not in second
    page = client.get("/api/clothes/images?queue=unlabelled&limit=2&offset=1").json()
    assert [image["id"] for image in page["images"]] == images[2:4]
    assert (page["total"], page["images"][0]["reason"]) == (4, "not labelled yet")


def test_a_change_is_noted_under_the_name_of_the_browser(
    client: Client, project: Project, images: list[int]
) -> None:
    cookie = {"Cookie": "unseen_who=Zo%C3%AB"}
    body = wish(images[:1], {"1": True})
    client.post("/api/clothes/answers", json=body, headers=cookie)
    assert history(project)[0].who == "Zoë"


def test_images_come_in_the_order_they_were_asked_for(
    client: Client, images: list[int]
) -> None:
    wanted = [images[3], images[0]]
    text = ",".join(map(str, wanted))
    page = client.get(f"/api/clothes/images?ids={text}").json()
    assert [image["id"] for image in page["images"]] == wanted


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        wish([], {}),
        wish([1, "2"], {}),  # type: ignore[list-item]
        wish([True], {}),
        wish([1], {"1": 1}),
        wish([1], {"black": True}),
        wish([1], {"1": True}, request_id="short"),
        wish([1], {"1": True}, complete="yes"),
        wish([1], {"99": True}),
        wish([1], {"1": True, "2": True}),
        wish([99], {"1": True}),
    ],
)
def test_a_wrong_wish_gets_a_sentence_and_changes_nothing(
    client: Client, project: Project, images: list[int], body: Any
) -> None:
    lines = len(history(project))
    answer = client.post("/api/clothes/answers", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith((".", "!"))
    assert len(history(project)) == lines


@pytest.mark.parametrize(
    "query",
    [
        "state=strange",
        "label=x",
        "order=size",
        "offset=-1",
        "ids=1,x",
        "split=dev",
        "expr=black and",
        "expr=blak",
        "from=soon",
        "reviewed=yes",
        "disagrees=2",
        "queue=newest",
        "ids=1&queue=newest",
        "order=similar:x",
        "order=similar:999",
        f"label={10**30}&unknown={10**30}&order=similar:{10**30}",
    ],
)
def test_a_wrong_filter_gets_a_sentence(
    client: Client, images: list[int], query: str
) -> None:
    answer = client.get(f"/api/clothes/images?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_project_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/api/nowhere/image-ids").status_code == 404


def test_another_web_page_cannot_answer(client: Client, images: list[int]) -> None:
    body = wish(images, {"1": True})
    for headers in ({"Origin": "http://evil.example"}, {"X-Unseen": "0"}):
        answer = client.post("/api/clothes/answers", json=body, headers=headers)
        assert answer.status_code == 403
    assert client.get("/api/clothes/images").json()["progress"]["labelled"] == 0


def test_a_change_is_never_made_by_get(client: Client, images: list[int]) -> None:
    for path in ("answers", "undo", "redo", "images/delete"):
        assert client.get(f"/api/clothes/{path}").status_code == 405


def test_ten_thousand_images_are_answered_in_one_request(
    client: Client, project: Project, make_image: Callable[..., bytes]
) -> None:
    [label] = create_labels(project, ["seen"], who="")
    data = make_image()
    new = NewImage(hashlib.sha256(data).hexdigest(), "a.png", "png", 9, 9, 9, "")
    add_images(project, [(new, data)])
    ids = client.get("/api/clothes/image-ids").json()["ids"]
    many = ids + list(range(10_000, 20_000))
    answer = client.post(
        "/api/clothes/answers", json=wish(many, {str(label.label_id): True})
    )
    assert answer.json()["saved"] == 1
    assert answer.json()["answers"] == {}


def test_a_label_gets_a_key_once_and_a_wrong_one_is_refused(
    client: Client, images: list[int], project: Project
) -> None:
    path = f"/api/{project.name}/labels"
    assert client.post(f"{path}/1/hotkey", json={"hotkey": "K"}).status_code == 200
    assert list_labels(project)[0].hotkey == "k"
    taken = client.post(f"{path}/2/hotkey", json={"hotkey": "k"})
    assert (taken.status_code, "black" in taken.json()["error"]) == (400, True)
    for wrong in ({"hotkey": "kk"}, {"hotkey": 1}, [], {}):
        assert client.post(f"{path}/1/hotkey", json=wrong).status_code == 400
    assert client.post(f"{path}/99/hotkey", json={"hotkey": "j"}).status_code == 400


def test_a_label_deleted_meanwhile_costs_no_answer_of_the_others(
    client: Client, project: Project, images: list[int]
) -> None:
    delete_label(project, 2, who="Anna")
    said = {"1": True, "2": False, "3": True}
    body = wish(images[:1], said, complete=[1, 2, 3])
    answer = client.post("/api/clothes/answers", json=body)
    assert answer.status_code == 200
    assert answer.json()["gone"] == [2]
    assert answers_of(project, images[:1])[images[0]] == {1: True, 3: True}
    body = wish(images[:1], said, request_id="request-0002", complete=["1"])
    assert "complete" in client.post("/api/clothes/answers", json=body).json()["error"]


def test_changes_of_labels_reach_a_page_that_has_others(
    client: Client, project: Project, images: list[int]
) -> None:
    path = "/api/clothes/changes"
    assert "schema" not in client.get(path).json()
    first = client.get(f"{path}?schema=").json()
    schema, since = first["schema"], first["last"]
    assert [group["name"] for group in schema["groups"]] == ["colour", "Other labels"]
    assert "schema" not in client.get(f"{path}?schema={schema['stamp']}").json()
    rename_label(project, 1, "night", who="Anna")
    merge_labels(project, 3, 2, who="Ben")
    found = client.get(f"{path}?schema={schema['stamp']}&since={since}").json()
    assert found["schema"]["who"] == "Ben"
    assert found["schema"]["merged"] == {"3": 2}
    [colour] = found["schema"]["groups"]
    assert [(x["name"], x["key"]) for x in colour["labels"]] == [
        ("night", "1"),
        ("blue", "2"),
    ]
    keyed = client.post("/api/clothes/labels/2/hotkey", json={"hotkey": "k"}).json()
    assert keyed["groups"][0]["labels"][1]["key"] == "k"
    after = client.get(f"{path}?schema={keyed['stamp']}&since={since}").json()
    assert "schema" not in after
