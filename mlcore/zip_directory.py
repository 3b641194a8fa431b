"""The last record of a zip, read without the library that would load it all."""

import struct
from pathlib import Path

# The last record of a zip with the longest comment, and the zip64 one before it.
TAIL_BYTES = 66_000


def declared_size(path: Path) -> tuple[int, int]:
    """Count of members and bytes of the directory, as the zip's last record says."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read()
    ends, long_ends = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    if ends < 0:
        return 0, 0
    members, directory_bytes = struct.unpack_from("<HL", tail, ends + 10)
    if 0xFFFF in (members, directory_bytes >> 16) and long_ends >= 0:
        members, directory_bytes = struct.unpack_from("<QQ", tail, long_ends + 32)
    return members, directory_bytes
