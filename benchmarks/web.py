"""The web process under load: page switches, clicks of 20 people, saved answers.

A project of 10,000 images, the real app, plain websocket clients.
Run: python -m benchmarks.web
"""

import asyncio
import random
import statistics
import time
import uuid
from pathlib import Path

import httpx
import websockets
from browser import Server, run_app
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.measure import (
    Figure,
    median_ms,
    memory_mb,
    percentile,
    print_figures,
    temporary_home,
)
from benchmarks.synthetic import make_project
from storage import images, labels

IMAGES = 10_000
PEOPLE = 20
CLICKS = 20
PAGES = ("", "data", "label", "coverage", "train", "review", "classify", "settings")
LIGHT_PAGES = ("", "settings")
PROJECT = "big"


class Visitor:
    """One browser tab without a browser: asks for pages, waits for their end."""

    def __init__(self, server: Server) -> None:
        self.url = server.url.replace("http", "ws") + "/_stcore/stream"
        self.origin = server.url
        self.pages: dict[str, str] = {}

    async def __aenter__(self) -> "Visitor":
        self.socket = await websockets.connect(
            self.url, subprotocols=["streamlit"], origin=self.origin, max_size=None
        )
        await self.visit("")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def visit(self, page: str) -> float:
        """Return the seconds from the click to the page's last message."""
        message = BackMsg()
        message.rerun_script.query_string = f"project={PROJECT}"
        message.rerun_script.page_name = page
        message.rerun_script.page_script_hash = self.pages.get(page, "")
        started = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(await self.socket.recv())
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self.pages = {
                    p.url_pathname: p.page_script_hash
                    for p in answer.navigation.app_pages
                }
            if kind == "script_finished":
                return time.perf_counter() - started


async def switch_pages(server: Server) -> dict[str, float]:
    """Return the median seconds of opening each page, five visits each."""
    async with Visitor(server) as visitor:
        found: dict[str, list[float]] = {page: [] for page in PAGES}
        for _ in range(5):
            for page in PAGES:
                found[page].append(await visitor.visit(page))
    return {page: statistics.median(times) for page, times in found.items()}


async def click_once_a_second(server: Server) -> list[float]:
    """Return the answer times of 20 people, each clicking once a second."""

    async def person(number: int) -> list[float]:
        times = []
        async with Visitor(server) as visitor:
            await asyncio.sleep(number / PEOPLE)
            for click in range(CLICKS):
                due = time.perf_counter() + 1
                page = LIGHT_PAGES[click % len(LIGHT_PAGES)]
                times.append(await visitor.visit(page))
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return times

    everyone = await asyncio.gather(*(person(n) for n in range(PEOPLE)))
    return [t for times in everyone for t in times]


def save_answers(server: Server, image_ids: list[int], label_id: int) -> list[float]:
    """Return the seconds each of 200 saved answers took to be acknowledged."""
    head = {"X-Unseen": "1", "Origin": server.url}
    times = []
    with httpx.Client(base_url=server.url, headers=head) as client:
        for image_id in random.Random(1).sample(image_ids, 200):
            body = {
                "request_id": uuid.uuid4().hex,
                "image_ids": [image_id],
                "answers": {str(label_id): True},
                "complete": True,
            }
            started = time.perf_counter()
            client.post(f"/api/{PROJECT}/answers", json=body).raise_for_status()
            times.append(time.perf_counter() - started)
    return times


def tensorflow_is_loaded(pid: int) -> bool:
    """Say whether the process has TensorFlow's library mapped."""
    maps = Path(f"/proc/{pid}/maps")
    return maps.exists() and "tensorflow" in maps.read_text()


def main() -> None:
    """Measure and print."""
    with temporary_home() as home:
        with make_project(PROJECT, IMAGES) as project:
            image_ids = images.list_image_ids(project, images.Filter())
            label_id = labels.list_labels(project)[0].label_id
        with run_app(home) as server:
            pages = asyncio.run(switch_pages(server))
            clicks = asyncio.run(click_once_a_second(server))
            saves = save_answers(server, image_ids, label_id)
            memory = memory_mb(server.process.pid)
            loaded = tensorflow_is_loaded(server.process.pid)
    print_figures(
        [
            *(
                Figure(f"switch to {page or 'overview'}", s * 1000, "ms", "under 300")
                for page, s in pages.items()
            ),
            Figure("20 people, median answer", median_ms(clicks), "ms", "under 60"),
            Figure("20 people, p95", percentile(clicks, 0.95) * 1000, "ms", ""),
            Figure("answer saved, median", median_ms(saves), "ms", "under 50"),
            Figure("answer saved, p95", percentile(saves, 0.95) * 1000, "ms", ""),
            Figure("web process", memory, "MB", "under 400"),
            Figure("TensorFlow in the web process", float(loaded), "", "0"),
        ]
    )


if __name__ == "__main__":
    main()
