"""Pictures and uploads over HTTP, behind the guard."""

import asyncio
import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from PIL import Image as Pictures
from starlette.applications import Starlette
from starlette.middleware import Middleware

from mlcore import uploads
from pages.routes import ROUTES, answers
from pages.routes.guard import Guard
from storage.images import add_images, delete_images
from storage.projects import Project
from storage.records import NewImage

OURS = {"Origin": "http://localhost", "X-Unseen": "1"}
MakeImage = Callable[..., bytes]


class Client:
    """Sends requests as our own page does."""

    def __init__(self) -> None:
        app = Starlette(
            routes=ROUTES,
            middleware=[Middleware(Guard)],
            exception_handlers=answers.HANDLERS,
        )
        self.transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        async def answer() -> httpx.Response:
            options = {"transport": self.transport, "base_url": "http://localhost"}
            async with httpx.AsyncClient(**options) as opened:
                sent = OURS if headers is None else headers
                return await opened.request(method, path, headers=sent, **more)

        return asyncio.run(answer())

    def upload(self, upload_id: str, name: str, content: bytes) -> httpx.Response:
        headers = {**OURS, "X-Name": quote(name)}
        path = f"/api/clothes/uploads/{upload_id}/files"
        return self.send("POST", path, headers, content=content)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def stored(project: Project, make_image: MakeImage) -> str:
    """One stored image of 400 x 300 px with metadata; its hash."""
    data = make_image("teal", (400, 300))
    sha256 = hashlib.sha256(data).hexdigest()
    new = NewImage(sha256, "teal.png", "png", 400, 300, len(data), "test")
    add_images(project, [(new, data)])
    return sha256


def open_upload(client: Client) -> str:
    return str(client.send("POST", "/api/clothes/uploads").json()["upload_id"])


def test_a_thumbnail_is_a_small_jpeg_that_may_be_kept_for_ever(
    client: Client, stored: str
) -> None:
    answer = client.send("GET", f"/img/clothes/{stored}")
    assert answer.status_code == 200
    assert Pictures.open(io.BytesIO(answer.content)).format == "JPEG"
    assert max(Pictures.open(io.BytesIO(answer.content)).size) == 192
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_the_large_picture_is_encoded_anew(client: Client, stored: str) -> None:
    answer = client.send("GET", f"/img/clothes/{stored}?size=large")
    picture = Pictures.open(io.BytesIO(answer.content))
    assert (picture.format, picture.size) == ("JPEG", (400, 300))


@pytest.mark.parametrize(
    "path",
    [
        "/img/clothes/" + "0" * 64,
        "/img/clothes/..%2F..%2Fproject.db",
        "/img/clothes/{sha}?size=original",
        "/img/nowhere/{sha}",
        "/api/clothes/nonsense",
        "/img/clothes/upload/u0000000000000000/1",
        "/img/clothes/sample/0",
    ],
)
def test_what_is_not_there_is_said_in_words(
    client: Client, stored: str, path: str
) -> None:
    answer = client.send("GET", path.format(sha=stored))
    assert answer.status_code in {400, 404}
    assert answer.json()["error"].endswith(".")


def test_a_deleted_picture_is_not_shown_any_more(
    client: Client, project: Project, stored: str
) -> None:
    delete_images(project, [1], who="", batch_id="b")
    assert client.send("GET", f"/img/clothes/{stored}").status_code == 404


def test_an_upload_arrives_byte_for_byte(client: Client, project: Project) -> None:
    upload_id = open_upload(client)
    content = bytes(range(256)) * 12_000
    assert client.upload(upload_id, "ordner/größe 1.png", content).status_code == 200
    (staged,) = uploads.list_files(project, upload_id)
    assert staged.name == "ordner/größe 1.png"
    assert staged.path.read_bytes() == content


def test_a_file_sent_again_after_a_lost_answer_is_one_file(
    client: Client, project: Project
) -> None:
    upload_id = open_upload(client)
    for _ in range(2):
        assert client.upload(upload_id, "a.png", b"abc").status_code == 200
    assert [s.name for s in uploads.list_files(project, upload_id)] == ["a.png"]


def test_a_traversing_name_never_becomes_a_path(
    client: Client, project: Project, home: Path
) -> None:
    upload_id = open_upload(client)
    client.upload(upload_id, "../../../../evil.png", b"abc")
    assert not list(home.rglob("evil.png"))


def test_a_file_cut_short_is_refused_and_leaves_nothing(
    client: Client, project: Project
) -> None:
    upload_id = open_upload(client)
    headers = {**OURS, "X-Name": "a.png", "Content-Length": "10"}
    path = f"/api/clothes/uploads/{upload_id}/files"
    answer = client.send("POST", path, headers, content=b"abc")
    assert answer.status_code == 400
    assert "did not arrive wholly" in answer.json()["error"]
    assert uploads.list_files(project, upload_id) == []
    kept = list((project.folder / "uploads" / upload_id).iterdir())
    assert [path.name for path in kept] == ["manifest.jsonl"]


def test_a_file_larger_than_the_disk_is_refused_before_it_is_sent(
    client: Client, project: Project
) -> None:
    upload_id = open_upload(client)
    headers = {**OURS, "X-Name": "a.zip", "Content-Length": str(60 << 30)}
    path = f"/api/clothes/uploads/{upload_id}/files"
    answer = client.send("POST", path, headers, content=b"abc")
    # On a disk with more than 60 GB free it is refused as cut short.
    assert answer.status_code in {400, 507}
    assert "a.zip" in answer.json()["error"]


@pytest.mark.parametrize(("upload_id", "name"), [("u" + "0" * 16, "a"), ("..", "a")])
def test_an_unknown_upload_takes_no_files(
    client: Client, project: Project, upload_id: str, name: str
) -> None:
    answer = client.upload(upload_id, name, b"abc")
    assert answer.status_code in {400, 404, 405}
    assert answer.json()["error"]


def test_a_file_without_a_name_is_refused(client: Client, project: Project) -> None:
    answer = client.upload(open_upload(client), "", b"abc")
    assert answer.status_code == 400


def test_a_staged_file_has_a_preview(
    client: Client, project: Project, make_image: MakeImage
) -> None:
    upload_id = open_upload(client)
    client.upload(upload_id, "a.png", make_image("red", 300))
    answer = client.send("GET", f"/img/clothes/upload/{upload_id}/1")
    assert Pictures.open(io.BytesIO(answer.content)).size == (192, 192)


def test_a_staged_file_that_is_no_picture_has_none(
    client: Client, project: Project
) -> None:
    upload_id = open_upload(client)
    client.upload(upload_id, "a.png", b"<script>alert(1)</script>")
    answer = client.send("GET", f"/img/clothes/upload/{upload_id}/1")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Unseen": "1"},
        {"Origin": "http://localhost"},
        {"Origin": "http://evil.example", "X-Unseen": "1"},
        {"Origin": "http://localhost:9999", "X-Unseen": "1"},
        {"Origin": "null", "X-Unseen": "1"},
        {"Origin": "http://[", "X-Unseen": "1"},
        {**OURS, "Host": "evil.example"},
        {**OURS, "Host": "["},
    ],
)
def test_a_foreign_page_cannot_change_anything(
    client: Client, project: Project, headers: dict[str, str]
) -> None:
    answer = client.send("POST", "/api/clothes/uploads", headers)
    assert answer.status_code == 403
    assert list((project.folder / "uploads").iterdir()) == []


def test_a_foreign_host_name_is_refused_for_reading_too(client: Client) -> None:
    answer = client.send("GET", "/healthz", {"Host": "evil.example"})
    assert answer.status_code == 403
    assert "evil.example" in answer.json()["error"]


def test_the_policy_lets_no_other_host_and_no_injected_script_in(
    client: Client,
) -> None:
    policy = client.send("GET", "/healthz").headers["content-security-policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts and "unsafe" not in scripts.group(1)
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_name_of_the_first_page_leads_to_it_with_its_project(
    client: Client,
) -> None:
    answer = client.send("GET", "/overview?project=Sample%20clothes")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/?project=Sample%20clothes"
