"""A picture by its address: only from the public web, however that is written."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mlcore.errors import BadSource
from mlcore.web_pictures import fetch_picture, is_public

PICTURE = b"\x89PNG" + b"x" * 5_000
seen: list[str] = []


class Shop(BaseHTTPRequestHandler):
    """Serves a picture, redirects, and misbehaves."""

    def do_GET(self) -> None:
        seen.append(f"{self.headers['Host']}{self.path}")
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path.startswith("/again"):
            self.send_response(301)
            self.send_header("Location", "/again")
            self.end_headers()
        elif self.path == "/missing":
            self.send_error(404)
        else:
            self._send_picture()

    def _send_picture(self) -> None:
        self.send_response(200)
        if self.path == "/cut":
            self.send_header("Content-Length", "9999")
        self.end_headers()
        if self.path == "/slow":
            wait = threading.Event()
            while not wait.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()
        self.wfile.write(PICTURE)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def only_the_shop(address: str) -> bool:
    return address == "127.0.0.1"


def fetch(url: str, max_bytes: int = 2**20) -> bytes:
    return fetch_picture(
        url, max_bytes=max_bytes, is_allowed=only_the_shop, time_limit_s=0.7
    ).data


@pytest.mark.parametrize(
    ("address", "is_good"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_asked(
    address: str, is_good: bool
) -> None:
    assert is_public(address) is is_good


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0", "127.1", "0x7f000001", "2130706433"],
)
def test_however_this_computer_is_called_it_is_not_reached(
    shop: str, host: str
) -> None:
    seen.clear()
    url = shop.replace("127.0.0.1", host)
    with pytest.raises(BadSource, match=r"its own network|There is no host"):
        fetch_picture(f"{url}/a.png", max_bytes=2**20)
    assert seen == []


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://shop.example/a.png", "shop.example/a.png", ""),
        *("http://", "http://me:pw@shop.example/a.png", "http://shop.example:0/a"),
        *("http://sh\nop.example/", "http://[bad/a.png", "javascript:alert(1)"),
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(BadSource):
        fetch(url)


def test_a_picture_comes_with_its_name_and_through_redirects(shop: str) -> None:
    found = fetch_picture(
        f"{shop}/to//shelf/red%20dress.png?x=ä",
        max_bytes=2**20,
        is_allowed=only_the_shop,
    )
    assert (found.name, found.data) == ("red dress.png", PICTURE)


def test_a_redirect_into_the_network_is_not_followed(shop: str) -> None:
    inside = shop.replace("127.0.0.1", "127.0.0.2")
    seen.clear()
    with pytest.raises(BadSource, match=r"127\.0\.0\.2.*its own network"):
        fetch(f"{shop}/to/{inside}/secret.png")
    assert not any(line.startswith("127.0.0.2") for line in seen)
    with pytest.raises(BadSource, match="no address"):
        fetch(f"{shop}/to/file:///etc/passwd")


def test_what_is_too_large_too_slow_or_not_there_is_refused(shop: str) -> None:
    with pytest.raises(BadSource, match="the limit in Settings"):
        fetch(f"{shop}/a.png", max_bytes=1_000)
    with pytest.raises(BadSource, match="within 1 seconds"):
        fetch(f"{shop}/slow")
    with pytest.raises(BadSource, match="not wholly"):
        fetch(f"{shop}/cut")
    with pytest.raises(BadSource, match="status 404"):
        fetch(f"{shop}/missing")
    with pytest.raises(BadSource, match="more than 3 times"):
        fetch(f"{shop}/again")
