"""One picture fetched by its address on the web, and from nowhere but the web.

Off unless a person switched it on. Somebody may write an address that leads to this
computer or its network, by a name, a number or a redirect: each address is looked up
here, must be public, and is the one that is connected to.
"""

import http.client
import ipaddress
import socket
import ssl
import string
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from mlcore.entries import clean_path
from mlcore.errors import BadSource

TIME_LIMIT_S = 20.0
REDIRECTS_AT_MOST = 3
PIECE_BYTES = 64 * 1024
ADDRESS_LIMIT = 2_000
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class WebPicture:
    """The bytes behind an address, and what the file is called there."""

    name: str
    data: bytes


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, not of this network."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        # An IPv4 address in other clothes may be any.
        is_wrapped = found.ipv4_mapped or found.sixtofour or found.teredo
        if is_wrapped or found in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


def fetch_picture(
    url: str,
    *,
    max_bytes: int,
    is_allowed: Callable[[str], bool] = is_public,
    time_limit_s: float = TIME_LIMIT_S,
) -> WebPicture:
    """Return what lies at an http or https address; BadSource says why not.

    `is_allowed` judges every IP address; redirects are judged like the first one.
    Whether it is a picture is for who reads it to say.
    """
    for _ in range(REDIRECTS_AT_MOST + 1):
        parts = _split(url)
        address = _find_address(parts, is_allowed)
        target, data = _ask(parts, address, max_bytes, time_limit_s)
        if not target:
            return WebPicture(_name_of(parts), data)
        url = urljoin(url, target)
    raise BadSource(
        f"The address leads on more than {REDIRECTS_AT_MOST} times. Use the address "
        "of the picture itself."
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        is_plain = parts.port is None or parts.port > 0
    except ValueError:
        is_plain = False
    is_clean = url.strip().isprintable() and len(url) <= ADDRESS_LIMIT
    if not (is_plain and is_clean and parts.scheme in ("http", "https")):
        raise BadSource(
            "That is no address of a picture. It begins with http:// or https://."
        )
    if not parts.hostname or "@" in parts.netloc:
        raise BadSource("The address needs a host, and no name or password before it.")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _find_address(parts: SplitResult, is_allowed: Callable[[str], bool]) -> str:
    """The IP address to connect to; every one that the name has must be allowed."""
    host = parts.hostname or ""
    try:
        rows = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadSource(f"There is no host “{host}”, or no network.") from error
    addresses = [str(row[4][0]) for row in rows]
    if not addresses or not all(map(is_allowed, addresses)):
        raise BadSource(
            f"“{host}” is this computer or one of its own network. Only pictures of "
            "the public web are fetched."
        )
    return addresses[0]


def _ask(
    parts: SplitResult, address: str, max_bytes: int, time_limit_s: float
) -> tuple[str, bytes]:
    """Where it leads on, else the content."""
    connection = _connection(parts, address, time_limit_s)
    # A limit for each read alone lets a slow server hold on for ever.
    timer = threading.Timer(time_limit_s, connection.cut_off)
    timer.daemon = True
    timer.start()
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    path = quote(path, safe=string.punctuation)
    try:
        with closing(connection):
            connection.request("GET", path, headers={"Accept": "image/*"})
            with connection.getresponse() as response:
                found = _take(response, max_bytes)
            if connection.is_cut_off:
                raise TimeoutError
            return found
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise BadSource(
            f"“{parts.hostname}” did not give the picture within "
            f"{time_limit_s:.0f} seconds, or not wholly ({type(error).__name__})."
        ) from error
    finally:
        timer.cancel()


def _connection(parts: SplitResult, address: str, time_limit_s: float) -> "_Pinned":
    host, port = parts.hostname or "", _port(parts)
    kind = _PinnedTls if parts.scheme == "https" else _Pinned
    connection = kind(host, port, timeout=time_limit_s)
    connection.address = address
    return connection


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was judged, whatever the name means by then."""

    address = ""
    is_cut_off = False
    _open: socket.socket | None = None

    def connect(self) -> None:
        # http.client forgets its own once an answer has begun.
        self._open = self.sock = self._connected()

    def _connected(self) -> socket.socket:
        return socket.create_connection((self.address, self.port), self.timeout)

    def cut_off(self) -> None:
        """End what is under way, from another thread."""
        self.is_cut_off = True
        if self._open is not None:
            # It may have ended meanwhile.
            with suppress(OSError):
                self._open.shutdown(socket.SHUT_RDWR)


class _PinnedTls(_Pinned):
    default_port = 443

    def _connected(self) -> socket.socket:
        context = ssl.create_default_context()
        return context.wrap_socket(super()._connected(), server_hostname=self.host)


def _take(response: http.client.HTTPResponse, max_bytes: int) -> tuple[str, bytes]:
    if response.status in _REDIRECTS and response.headers.get("Location"):
        return str(response.headers["Location"]), b""
    if response.status != 200:
        raise BadSource(f"The address answers with status {response.status}.")
    too_large = f"It is larger than {max_bytes // 2**20} MB, the limit in Settings."
    if (response.length or 0) > max_bytes:
        raise BadSource(too_large)
    data = bytearray()
    while piece := response.read(PIECE_BYTES):
        data += piece
        if len(data) > max_bytes:
            raise BadSource(too_large)
    if response.length:
        raise ValueError("cut short")
    return "", bytes(data)


def _name_of(parts: SplitResult) -> str:
    name = unquote(parts.path.rpartition("/")[2])
    return clean_path(name or parts.hostname or "picture").rpartition("/")[2]
