"""TensorBoard for a run's log: start it, know where it is, stop it. No TensorFlow.

The package tensorboard is no part of Unseen; without it there is a command to copy.
"""

import atexit
import importlib.util
import os
import shlex
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from mlcore.errors import TrainingError

LOG_FOLDER = "tensorboard"
ROOT = Path(__file__).resolve().parent.parent
END_TIMEOUT_S = 5.0

_turn = threading.Lock()
_boards: "dict[Path, Board]" = {}


@dataclass(frozen=True, slots=True)
class Board:
    """A TensorBoard that was started here; it may still be loading."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Its address on this computer."""
        return f"http://127.0.0.1:{self.port}/"

    def answers(self) -> bool:
        """Whether somebody listens at the address already."""
        with socket.socket() as probe:
            probe.settimeout(0.2)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def has_log(run_folder: Path) -> bool:
    """Whether the run has written a log."""
    return (run_folder / LOG_FOLDER).is_dir()


def is_installed() -> bool:
    """Whether TensorBoard can be started here."""
    return importlib.util.find_spec("tensorboard") is not None


def command(run_folder: Path) -> str:
    """What a person can type where TensorBoard is installed."""
    folder = shlex.quote(str(run_folder / LOG_FOLDER))
    return f"tensorboard --logdir {folder} --host 127.0.0.1"


def find_board(run_folder: Path) -> Board | None:
    """The TensorBoard of this run, if it was started and still lives."""
    with _turn:
        return _find(run_folder)


def start_board(run_folder: Path) -> Board:
    """Start TensorBoard on a free port of this computer, or return the one there is."""
    with _turn:
        if (board := _find(run_folder)) is not None:
            return board
        if not is_installed():
            raise TrainingError(
                "TensorBoard is not installed here. Install it with "
                "“.venv/bin/pip install tensorboard”, or use one elsewhere."
            )
        port = _free_port()
        board = Board(port, _start(run_folder, port))
        _boards[run_folder] = board
        return board


def stop_board(run_folder: Path) -> None:
    """End the run's TensorBoard; harmless without one."""
    with _turn:
        board = _boards.pop(run_folder, None)
    if board is not None:
        _end(board)


def stop_all_boards() -> None:
    """End every TensorBoard that was started here."""
    for folder in list(_boards):
        stop_board(folder)


atexit.register(stop_all_boards)


def _find(run_folder: Path) -> Board | None:
    board = _boards.get(run_folder)
    if board is not None and board.process.poll() is not None:
        del _boards[run_folder]
        return None
    return board


def _start(run_folder: Path, port: int) -> "subprocess.Popen[bytes]":
    log = run_folder / LOG_FOLDER
    with (run_folder / "tensorboard.log").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "mlcore.tensorboard_child", str(log), str(port)],
            # Held open as long as this process lives: its end ends the child.
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            start_new_session=True,
        )


def _end(board: Board) -> None:
    # Its input ends, and it with it: quicker than its own way to end.
    if board.process.stdin is not None:
        board.process.stdin.close()
    try:
        board.process.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        board.process.kill()
        board.process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
