"""TensorBoard as a process: `python -m mlcore.tensorboard_child LOGDIR PORT`.

It ends when its standard input closes, so that it never outlives the app.
"""

import importlib
import os
import sys
import threading


def _end_with_parent() -> None:
    sys.stdin.read()
    # Its server listens in the main thread and knows no softer way.
    os._exit(0)


def main(log_folder: str, port: str) -> None:
    """Serve the logs on 127.0.0.1 until the parent ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["tensorboard", "--logdir", log_folder, "--host", "127.0.0.1"]
    sys.argv += ["--port", port, "--load_fast", "false"]
    # By name: the package is no part of Unseen, and type checkers do not have it.
    importlib.import_module("tensorboard.main").run_main()


if __name__ == "__main__":
    main(*sys.argv[1:3])
