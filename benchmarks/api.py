"""The HTTP API under load: one picture a request, at a steady rate and without pause.

Run: python -m benchmarks.api [PROJECT RUN], of the data folder in UNSEEN_HOME; else
`quick` is trained on photos of clothes. The real app, real connections; the clients
share the machine with it.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
from browser import run_app

from benchmarks.measure import (
    Figure,
    find_data,
    median_ms,
    percentile,
    print_figures,
)
from benchmarks.predict import chosen_run
from storage.api_access import create_token, revoke_token, switch_api
from storage.home import home_dir

RATE = 50
CALLERS = 16


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", nargs="?")
    parser.add_argument("run", nargs="?")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=RATE)
    options = parser.parse_args()
    photos = [
        path.read_bytes() for path in sorted(find_data("fashion").rglob("*.jpg"))[:200]
    ]
    with chosen_run(options.project, options.run) as folder, token() as secret:
        query = f"?project={folder.parent.parent.name}&run={folder.name}"
        with run_app(home_dir()) as server:
            caller = Caller(server.url + "/api/v1/classify" + query, secret, photos)
            before = busy_seconds(server.process.pid)
            found = asyncio.run(measure(caller, options.rate, options.seconds))
            used = busy_seconds(server.process.pid) - before
    asked = len(caller.seconds)
    each = Figure("processor time of a picture", used / asked * 1e3, "ms", "")
    load = Figure("load of the machine", os.getloadavg()[0], "", "0 but for this")
    print_figures([*found, each, load])


@contextmanager
def token() -> Iterator[str]:
    """The API is on and this token is known, for the time of the block."""
    switch_api(on=True)
    made, secret = create_token("benchmark")
    try:
        yield secret
    finally:
        revoke_token(made.token_id)


class Caller:
    """Sends one picture after the other and notes how long each answer took."""

    def __init__(self, url: str, secret: str, photos: list[bytes]) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.photos = photos
        self.seconds: list[float] = []

    async def ask(self, client: httpx.AsyncClient, number: int) -> float:
        """Return the seconds until the answer; whatever is no answer ends it all."""
        photo = self.photos[number % len(self.photos)]
        began = time.perf_counter()
        answer = await client.post(self.url, content=photo, headers=self.headers)
        if answer.status_code != 200 or "error" in answer.json()["results"][0]:
            raise SystemExit(answer.text)
        self.seconds.append(time.perf_counter() - began)
        return self.seconds[-1]


async def measure(caller: Caller, rate: float, seconds: float) -> list[Figure]:
    """The first answer, one at a time, a steady rate, as fast as it can."""
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(limits=limits, timeout=120) as client:
        first = await caller.ask(client, 0)
        alone = [await caller.ask(client, n) for n in range(20)]
        steady = await at_rate(caller, client, rate, seconds)
        most = await as_fast_as_can(caller, client, seconds / 2)
    return [
        Figure("first answer", first, "s", "under 2"),
        Figure("alone", median_ms(alone), "ms", "under 60"),
        Figure(f"at {rate:g} a second, median", median_ms(steady), "ms", ""),
        Figure(
            f"at {rate:g} a second, p95",
            percentile(steady, 0.95) * 1e3,
            "ms",
            "under 200",
        ),
        Figure(
            f"{CALLERS} callers without a pause", most, "requests/s", f"{RATE} or more"
        ),
    ]


async def at_rate(
    caller: Caller, client: httpx.AsyncClient, rate: float, seconds: float
) -> list[float]:
    """Ask at even steps, whether or not the answers before have come."""
    began = time.perf_counter()
    asked = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0, began + number / rate - time.perf_counter()))
        asked.append(asyncio.create_task(caller.ask(client, number)))
    return list(await asyncio.gather(*asked))


async def as_fast_as_can(
    caller: Caller, client: httpx.AsyncClient, seconds: float
) -> float:
    """Return answers a second of callers that each ask again at once."""
    began = time.perf_counter()
    done = 0

    async def go_on(number: int) -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            await caller.ask(client, number)
            done += 1

    await asyncio.gather(*(go_on(number) for number in range(CALLERS)))
    return done / (time.perf_counter() - began)


def busy_seconds(pid: int) -> float:
    """Processor time of the app and of the processes it started."""
    process = psutil.Process(pid)
    found = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        found += times.user + times.system
    return found


if __name__ == "__main__":
    main()
