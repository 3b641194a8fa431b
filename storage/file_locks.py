"""A lock file held by one process; the system drops it however that process ends."""

import sys
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def try_lock(file: IO[str]) -> bool:
    """Take the lock of an open file; False when another process (or opening) has it."""
    try:
        if sys.platform == "win32":
            # A byte far behind the text: Windows locks forbid reading too.
            file.seek(2**20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
