"""The calling end of the predictor process: start it, ask it, notice its death."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import IO, Any

from mlcore.errors import PredictionError
from storage.home import home_dir

LOG_NAME = "predictor.log"
ROOT = Path(__file__).resolve().parent.parent
# OpenBLAS' threads wait for each other spinning, which the network's threads pay for.
SETTLED = {"TF_CPP_MIN_LOG_LEVEL": "3", "OPENBLAS_NUM_THREADS": "1"}
LOOK_EVERY_S = 0.1
END_TIMEOUT_S = 5.0


class ChildGone(Exception):
    """The process ended; the message is a sentence."""


class PredictorChild:
    """One predictor process. Not thread-safe: callers take turns."""

    def __init__(self) -> None:
        self.log_path = home_dir() / LOG_NAME
        with self.log_path.open("wb") as log:
            # A session of its own: Ctrl-C in the terminal ends it through its stdin.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mlcore.predictor_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **SETTLED},
                start_new_session=True,
            )
        assert self._process.stdin and self._process.stdout
        self._stdin: IO[bytes] = self._process.stdin
        self._stdout: IO[bytes] = self._process.stdout
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._numbers = count(1)
        self._has_ended = False
        # A thread reads: pipes cannot be polled with a timeout everywhere.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    def is_alive(self) -> bool:
        """True while the process runs and its answers can be read.

        A killed process may close its output long before it can be waited for.
        """
        return not self._has_ended and self._process.poll() is None

    def ask(
        self,
        request: Mapping[str, Any],
        timeout_s: float,
        is_cancelled: Callable[[], bool],
        data: Sequence[bytes] = (),
    ) -> dict[str, Any] | None:
        """Return the answer, None when cancelled; `data` follows the request.

        Raises `ChildGone` if the process ended, `PredictionError` after `timeout_s`.
        """
        number = next(self._numbers)
        try:
            line = json.dumps({**request, "id": number}).encode() + b"\n"
            self._stdin.writelines([line, *data])
            self._stdin.flush()
        except OSError as error:
            raise self._gone() from error
        deadline = time.monotonic() + timeout_s
        while not is_cancelled():
            answer = self._next_answer()
            # An older number answers a question that was cancelled.
            if answer is not None and answer["id"] == number:
                return answer
            if time.monotonic() > deadline:
                self.close()
                raise PredictionError(
                    f"The predictor process did not answer within {timeout_s:.0f} "
                    f"seconds and was ended; {self.log_path} may say why."
                )
        return None

    def close(self) -> None:
        """End the process, softly by closing its input, else by force."""
        # It may have died with our question still in the pipe.
        with contextlib.suppress(OSError):
            self._stdin.close()
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(END_TIMEOUT_S)
        self._stdout.close()

    def _next_answer(self) -> dict[str, Any] | None:
        try:
            answer = self._answers.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            if not self._has_ended:
                return None
            raise self._gone() from None
        if answer is None:
            raise self._gone()
        return answer

    def _gone(self) -> ChildGone:
        return ChildGone(
            f"The predictor process ended; {self.log_path} may say why. Try again."
        )

    def _read(self) -> None:
        for line in self._stdout:
            self._answers.put(json.loads(line))
        self._has_ended = True
        self._answers.put(None)
