"""Importing TensorFlow: quickly computing, and without its page of notices."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from mlcore.freed_memory import keep_freed_memory


def settle_computing() -> None:
    """Settle what TensorFlow computes with; only counts before it is imported.

    Processes that are to agree to the last digit must all have called it.
    """
    # On by itself only where there is AVX-512; with AVX2 it is a quarter faster too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    keep_freed_memory()


def import_tensorflow() -> None:
    """Import TensorFlow and keras, hiding what their C++ code prints meanwhile."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    settle_computing()
    # The level comes too late for the notices printed while libraries register.
    with _hidden_stderr():
        import keras
        import tensorflow as tf

        # The first operation registers devices, with notices of its own.
        tf.constant(0)
        keras.backend.floatx()


@contextmanager
def _hidden_stderr() -> Iterator[None]:
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
