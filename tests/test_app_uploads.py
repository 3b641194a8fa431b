"""Uploads that go on where they were: bundles, pieces, and the same files again."""

import json
from urllib.parse import quote

import httpx
import pytest
from test_app_routes import OURS, Client

from mlcore import uploads
from storage.projects import Project, incoming

FINGERPRINT = {**OURS, "X-Fingerprint": "3-abc"}


@pytest.fixture
def client() -> Client:
    return Client()


def open_upload(client: Client, project: str = "clothes") -> dict:
    answer = client.send("POST", f"/api/{project}/uploads", FINGERPRINT)
    assert answer.status_code == 200
    return answer.json()


def bundle(files: dict[str, bytes]) -> bytes:
    head = [
        [name, len(data), f"k-{number}"]
        for number, (name, data) in enumerate(files.items())
    ]
    return json.dumps(head).encode() + b"\n" + b"".join(files.values())


def send(client: Client, upload_id: str, body: bytes) -> httpx.Response:
    path = f"/api/clothes/uploads/{upload_id}/bundle"
    return client.send("POST", path, OURS, content=body)


def piece(
    client: Client, upload_id: str, offset: int, data: bytes, size: int
) -> httpx.Response:
    about = {"X-Name": quote("groß.zip"), "X-Key": "big", "X-Offset": str(offset)}
    path = f"/api/.incoming/uploads/{upload_id}/pieces"
    headers = {**OURS, **about, "X-Size": str(size)}
    return client.send("POST", path, headers, content=data)


def test_many_small_files_arrive_in_one_body(client: Client, project: Project) -> None:
    files = {
        "in/ä.png": b"1\n2" * 700_000,
        "empty.png": b"",
        "../../evil.png": b"e",
        "b.png": bytes(range(256)) * 9000,
        "last.png": b"",
    }
    upload_id = open_upload(client)["upload_id"]
    assert send(client, upload_id, bundle(files)).json() == {"files": 5}
    staged = uploads.list_files(project, upload_id)
    assert [s.name for s in staged][:2] == ["in/ä.png", "empty.png"]
    assert [s.path.read_bytes() for s in staged] == list(files.values())
    assert all(s.path.parent.name == upload_id for s in staged)


def test_the_same_choice_of_files_finds_what_has_arrived(
    client: Client, project: Project
) -> None:
    first = open_upload(client)
    files = {f"{n}.png": bytes([n]) * 100 for n in range(3)}
    cut = bundle(files)[:-150]
    answer = send(client, first["upload_id"], cut)
    assert answer.status_code == 400
    assert "Send the rest again" in answer.json()["error"]
    second = open_upload(client)
    assert second == {"upload_id": first["upload_id"], "resumed": True}
    path = f"/api/clothes/uploads/{second['upload_id']}"
    assert client.send("GET", path).json() == {"keys": ["k-0"]}
    folder = uploads.staged_source(project, second["upload_id"])
    assert len(list(folder.iterdir())) == 2  # the manifest and one file, no halves
    assert client.send("POST", f"{path}/discard").status_code == 200
    assert open_upload(client)["resumed"] is False
    assert client.send("GET", path).status_code == 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "wholly"),
        (b"{}\n", "wholly|not as expected"),
        (b"[[1]]\n", "not as expected"),
        (b'[["a.png", -1, "k"]]\n', "At most"),
        (b'[["", 1, "k"]]\nx', "without a name"),
        (b'[["a.png", 1, "k"]]\nxyz', "More was sent"),
        (b"[" * 2_000_000, "too long"),
        (json.dumps([["a", 0, "k"]] * 1001).encode() + b"\n", "At most"),
    ],
)
def test_a_bundle_that_is_none_is_refused(
    client: Client, project: Project, body: bytes, words: str
) -> None:
    answer = send(client, open_upload(client)["upload_id"], body)
    assert answer.status_code == 400 or (answer.json() == {"files": 0})
    if answer.status_code == 400:
        assert any(word in answer.json()["error"] for word in words.split("|"))


def test_a_large_file_goes_on_at_the_byte_where_it_was(
    client: Client, home: object
) -> None:
    upload_id = open_upload(client, ".incoming")["upload_id"]
    data = bytes(range(256)) * 40_000
    size, cut = len(data), 3_000_000
    assert piece(client, upload_id, 0, data[:cut], size).json()["bytes"] == cut
    asked = piece(client, upload_id, 0, b"", size)
    assert asked.json() == {"bytes": cut, "done": False}
    assert piece(client, upload_id, cut + 9, data[cut + 9 :], size).status_code == 409
    # Sent twice from a place before the end: what was lost in between is replaced.
    assert piece(client, upload_id, 1_000_000, data[1_000_000:], size).json() == {
        "bytes": size,
        "done": True,
    }
    (staged,) = uploads.list_files(incoming(), upload_id)
    assert (staged.name, staged.path.read_bytes()) == ("groß.zip", data)
    answer = client.send("POST", f"/api/.incoming/uploads/{upload_id}/pieces", OURS)
    assert answer.status_code == 400
