"""Starting the server: the port, uvicorn, the browser."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
import webbrowser

import uvicorn
from starlette.types import ASGIApp

from pages.routes.home_hold import hold_home
from storage.errors import HomeError
from storage.home import home_dir

DEFAULT_PORT = 8501
PORTS_TRIED = 20
LAST_PORT = 65_535
OPEN_WITHIN_S = 20


class PortTaken(Exception):
    """There is no port to serve on; the message says why and what to do."""


def serve(app: ASGIApp) -> int:
    """Serve `app` until it is ended; return the exit code (1: it could not start)."""
    try:
        listener = bind()
        with hold_home(listener.getsockname()[1]):
            run_server(app, listener)
    except (HomeError, PortTaken) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def run_server(app: ASGIApp, listener: socket.socket) -> None:
    """Run uvicorn on a bound socket until Ctrl-C."""
    address, port = listener.getsockname()[:2]
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            # Compressing each websocket message costs more than the loopback saves.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=3,
        )
    )
    here = address in {"127.0.0.1", "0.0.0.0", "::"}
    url = f"http://{'localhost' if here else address}:{port}"
    print(f"Unseen is at {url}   (data: {home_dir()}, end with Ctrl-C)", flush=True)
    if wants_browser():
        threading.Thread(target=open_browser, args=(server, url), daemon=True).start()
    server.run(sockets=[listener])


def bind() -> socket.socket:
    """Return a socket on UNSEEN_ADDRESS and UNSEEN_PORT.

    Without UNSEEN_PORT the next free port after 8501 will do (the address printed at
    the start says which); a port somebody asked for is taken or refused.
    """
    address = os.environ.get("UNSEEN_ADDRESS", "127.0.0.1")
    wanted = os.environ.get("UNSEEN_PORT")
    first = DEFAULT_PORT if wanted is None else read_port(wanted)
    tried = 1 if wanted else PORTS_TRIED
    for port in range(first, min(first + tried, LAST_PORT + 1)):
        listener = try_port(address, port)
        if listener is not None:
            return listener
    raise PortTaken(
        f"Port {first} on {address} is taken by another program. End that program, "
        f"or choose another port: UNSEEN_PORT={next_port(first)} python app.py"
    )


def read_port(text: str) -> int:
    """Return UNSEEN_PORT as a number; PortTaken when no port can have it."""
    if text.isdecimal() and 0 < int(text) <= LAST_PORT:
        return int(text)
    raise PortTaken(
        f"UNSEEN_PORT is “{text}”; expected a number from 1 to {LAST_PORT} such as"
        f" {DEFAULT_PORT}."
    )


def next_port(port: int) -> int:
    """Return a port to propose instead of a taken one."""
    return port + 1 if port < LAST_PORT else DEFAULT_PORT


def try_port(address: str, port: int) -> socket.socket | None:
    """Return a bound socket, or None when the port is taken.

    PortTaken when the address itself is none of this computer.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it small
    # answers wait 44 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
            raise PortTaken(
                f"UNSEEN_ADDRESS is “{address}”, which is no address of this computer. "
                "Use 127.0.0.1, or one that this computer has."
            ) from None
        return None
    return listener


def wants_browser() -> bool:
    """Return whether to open a browser: a display, not CI, not UNSEEN_OPEN=0."""
    if os.environ.get("UNSEEN_OPEN") == "0" or os.environ.get("CI"):
        return False
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform != "linux" or any(os.environ.get(name) for name in screens)


def open_browser(server: uvicorn.Server, url: str) -> None:
    """Open `url` once the server answers."""
    deadline = time.monotonic() + OPEN_WITHIN_S
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    webbrowser.open(url)
