"""Memory that was given back is kept for the next use, instead of returned.

TensorFlow frees and takes tens of megabytes for every tensor of a step. By default
the C library hands such pieces to the system, which then clears every page anew: a
third of the time of a training step was spent on that.
"""

import ctypes

# Numbers of malloc.h of the GNU C library.
TRIM_THRESHOLD = -1
TOP_PAD = -2
MMAP_MAX = -4
ARENA_MAX = -8
NEVER = 2**31 - 1
GROW_BYTES = 64 * 2**20


def keep_freed_memory() -> bool:
    """Ask the C library for it; False where it has no such switch.

    To be called early: threads that already have a pool of their own keep it.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    wanted = {
        # One pool: the pools of threads cannot hold a piece above 64 MB.
        ARENA_MAX: 1,
        MMAP_MAX: 0,
        TRIM_THRESHOLD: NEVER,
        TOP_PAD: GROW_BYTES,
    }
    return all([mallopt(switch, value) == 1 for switch, value in wanted.items()])
