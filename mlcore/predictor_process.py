"""The predictor process: one JSON request a line in, one JSON answer a line out.

Request: {"id", "run_dir", "pictures": [[path, name], …]}. Answer: {"id",
"predictions": […]} or {"id", "error": sentence}. Asked for {"id", "features"}, it
answers as `picture_features` says. It ends when its standard input
closes or nobody asked for five minutes. Started by `prediction_service`.
"""

import json
import logging
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, Any

from mlcore.errors import MLError
from mlcore.quiet import settle_computing

IDLE_S = 300.0
END = None
# A request and the pictures that came with it.
Request = tuple[dict[str, Any], list[bytes | None]]
log = logging.getLogger("mlcore.predictor")


def main() -> int:
    """Answer requests until the input ends; returns the exit code."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    idle_s = float(os.environ.get("UNSEEN_PREDICTOR_IDLE_S", IDLE_S))
    answers = _take_stdout()
    requests = _read_requests()
    predictor = _make_predictor()
    while (request := _next_request(requests, idle_s)) is not END:
        answers.write(json.dumps(_answer(predictor, *request)) + "\n")
        answers.flush()
        if predictor.is_relieved:
            break  # whoever asks next starts a process without TensorFlow
    return 0


def _take_stdout() -> IO[str]:
    """Return the pipe to the caller and send everybody else's prints to stderr.

    TensorFlow and its plugins print to standard output; that would break the lines.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _read_requests() -> "queue.Queue[Request | None]":
    """Read in a thread, so that idleness and the end are both noticed."""
    requests: queue.Queue[Request | None] = queue.Queue()

    def read() -> None:
        source = sys.stdin.buffer
        for line in source:
            request = json.loads(line)
            sizes = [size for *_, size in request.get("pictures", ())]
            data = [None if size is None else source.read(size) for size in sizes]
            requests.put((request, data))
        requests.put(END)

    threading.Thread(target=read, daemon=True).start()
    return requests


def _next_request(
    requests: "queue.Queue[Request | None]", idle_s: float
) -> Request | None:
    try:
        return requests.get(timeout=idle_s)
    except queue.Empty:
        return END


def _make_predictor() -> Any:
    # Imported late: the process must own its standard output before what may print.
    settle_computing()
    from mlcore.predictor import Predictor

    return Predictor()


def _answer(
    predictor: Any, request: dict[str, Any], data: list[bytes | None]
) -> dict[str, Any]:
    from mlcore import picture_features
    from mlcore.predictor import Picture

    try:
        if "features" in request:
            return picture_features.answer(request)
        if "why" in request:
            # What it needs would make the first answer to anything else wait.
            from mlcore import saliency_answers

            return saliency_answers.answer(request)
        pairs = zip(request["pictures"], data, strict=True)
        pictures = [Picture(Path(path), name, own) for (path, name, _), own in pairs]
        found = predictor.classify(Path(request["run_dir"]), pictures)
    except MLError as error:
        return {"id": request["id"], "error": str(error)}
    except Exception:
        # The outermost level: one bad request must not end the process.
        log.exception("request failed")
        sentence = "The model failed on these pictures; predictor.log has the details."
        return {"id": request["id"], "error": sentence}
    return {"id": request["id"], "predictions": [p.as_record() for p in found]}


if __name__ == "__main__":
    sys.exit(main())
