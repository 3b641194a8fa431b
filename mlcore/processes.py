"""Is that process still the one we started? A pid alone cannot tell."""

import os
from pathlib import Path

import psutil


def process_started(pid: int) -> float | None:
    """Seconds from boot to the start of `pid`; None if it is gone or a zombie.

    Counted from boot, not from 1970, so that a clock set by hand changes nothing.
    Where there is no /proc, 0.0 stands for "alive, start unknown".
    """
    if not Path("/proc/self/stat").exists():
        return 0.0 if _answers_signal(pid) else None
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command name may hold spaces and brackets: count from its last bracket.
    fields = text[text.rindex(")") + 2 :].split()
    if fields[0] in ("Z", "X"):
        return None
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def is_same_process(pid: int, started: float | None) -> bool:
    """Whether `pid` is alive and started at `started` (as process_started said)."""
    now = process_started(pid)
    return now is not None and (started is None or now == started)


def memory_mb() -> float:
    """Memory this process holds right now, in MB of 1,000,000 bytes."""
    return round(psutil.Process().memory_info().rss / 1e6, 1)


def _answers_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
