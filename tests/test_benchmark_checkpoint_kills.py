"""Checkpoints survive a kill at any moment of their writing."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_no_kill_while_saving_leaves_a_checkpoint_that_cannot_be_loaded() -> None:
    command = [sys.executable, "-m", "benchmarks.checkpoint_kills", "--kills", "12"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["whole"] == found["kills"] == 12
