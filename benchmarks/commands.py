"""The command line as benchmarks call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def call(*arguments: str) -> Any:
    """Run one command of the command line and return its JSON."""
    command = [sys.executable, "-m", "mlcore", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)
