"""The routes of the grid: thumbnails by the screen, splits, reviewed."""

import asyncio
import hashlib
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image as Pictures
from starlette.applications import Starlette

from pages.routes import answers, marks, thumbs
from storage.answers import undo
from storage.image_files import image_path
from storage.images import add_images, delete_images, get_image
from storage.projects import Project
from storage.records import NewImage


def send(method: str, path: str, **more: Any) -> httpx.Response:
    routes = [*marks.ROUTES, *thumbs.ROUTES]
    app = Starlette(routes=routes, exception_handlers=answers.HANDLERS)

    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost"
        ) as client:
            return await client.request(method, path, **more)

    return asyncio.run(answer())


@pytest.fixture
def images(project: Project, make_image: Callable[..., bytes]) -> list[int]:
    """Four pictures of 300 x 200."""
    batch = []
    for number in range(4):
        data = make_image((60 * number, 0, 0), (300, 200))
        sha256 = hashlib.sha256(data).hexdigest()
        new = NewImage(sha256, f"{number}.png", "png", 300, 200, len(data), "test")
        batch.append((new, data))
    return sorted(add_images(project, batch).added.values())


def unpack(packed: bytes) -> list[bytes]:
    pictures, at = [], 0
    while at < len(packed):
        end = at + 4 + int.from_bytes(packed[at : at + 4], "big")
        pictures.append(packed[at + 4 : end])
        at = end
    return pictures


def test_a_screen_of_thumbnails_comes_in_one_answer(
    project: Project, images: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbs, "DRAWING_S", 60)
    delete_images(project, images[:1], who="", batch_id="gone")
    image_path(project, get_image(project, images[1])).write_bytes(b"damaged")
    wanted = [images[3], images[0], 999, images[1], images[2]]
    path = "/api/clothes/thumbs?ids=" + ",".join(map(str, wanted))
    found = unpack(send("GET", path).content)
    assert [bool(picture) for picture in found] == [True, False, False, False, True]
    picture = Pictures.open(io.BytesIO(found[0]))
    assert (picture.format, picture.size) == ("JPEG", (192, 128))
    assert picture.getpixel((0, 0))[0] > 160  # the reddest: the order is ours


def test_what_takes_too_long_to_draw_is_to_be_asked_for_again(
    images: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbs, "DRAWING_S", -1)
    path = f"/api/clothes/thumbs?ids={images[0]}"
    assert send("GET", path).content == b"\xff" * 4
    monkeypatch.setattr(thumbs, "DRAWING_S", 60)
    assert len(send("GET", path).content) > 500
    monkeypatch.setattr(thumbs, "DRAWING_S", -1)
    assert len(send("GET", path).content) > 500


def test_images_go_to_a_split_and_are_reviewed(
    project: Project, images: list[int]
) -> None:
    wish = {"request_id": "request-0001", "image_ids": images[:3], "split": "test"}
    answer = send("POST", "/api/clothes/images/split", json=wish).json()
    assert (answer["moved"], answer["progress"]["total"]) == (3, 4)
    seen = {"request_id": "request-0002", "image_ids": images[:1], "reviewed": True}
    assert send("POST", "/api/clothes/images/reviewed", json=seen).status_code == 200
    first = get_image(project, images[0])
    assert (first.split, first.reviewed) == ("test", True)
    assert undo(project, who="") == "request-0002"
    assert not get_image(project, images[0]).reviewed


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("split", {"split": "exam"}),
        ("split", {}),
        ("reviewed", {"reviewed": 1}),
        ("reviewed", {"reviewed": True, "image_ids": []}),
    ],
)
def test_a_wrong_wish_is_refused_in_words(
    images: list[int], path: str, wrong: dict[str, Any]
) -> None:
    wish = {"request_id": "request-0001", "image_ids": images, **wrong}
    answer = send("POST", f"/api/clothes/images/{path}", json=wish)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
