"""What this computer's processor can do."""

from pathlib import Path

BFLOAT16_FLAGS = {"amx_bf16", "avx512_bf16"}


def has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether bfloat16 runs in hardware; emulated, it is slower than float32."""
    try:
        text = cpuinfo.read_text()
    except OSError:
        return False
    return bool(BFLOAT16_FLAGS & set(text.split()))
