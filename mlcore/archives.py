"""Zips as lists of entries: checked before unpacking, and again while reading.

Nothing is unpacked to disk: members are read into memory one at a time, so a
name from an archive is never a path of ours.
"""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from mlcore.decoding import check_size
from mlcore.entries import Entry, Refused, clean_path, is_junk
from mlcore.errors import BadArchive, BadImage
from mlcore.zip_directory import declared_size

MAX_MEMBERS = 50_000
MAX_DIRECTORY_BYTES = 32 * 2**20
MAX_UNPACKED_BYTES = 50 * 2**30
# Photos hardly shrink in a zip; what shrinks to half a percent is a trap.
MAX_RATIO = 200
RATIO_MATTERS_BYTES = 512 * 2**20
ENCRYPTED, NAME_IS_UTF8 = 0x1, 0x800
DAMAGED = "It is damaged inside the zip and cannot be read."
ZIP_ERRORS = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)


def open_archive(path: Path, shown: str) -> zipfile.ZipFile:
    """Open a zip whose directory is within our limits; raises `BadArchive`."""
    try:
        _check_directory_size(path, shown)
        archive = zipfile.ZipFile(path)
    except BadArchive:
        raise
    except ZIP_ERRORS as error:
        raise BadArchive(
            f"“{shown}” is not a zip, or is damaged. Pack it again."
        ) from error
    try:
        _check_totals(archive, path, shown)
    except BadArchive:
        archive.close()
        raise
    return archive


def _check_directory_size(path: Path, shown: str) -> None:
    # zipfile reads the whole directory into memory, whatever its size.
    members, directory_bytes = declared_size(path)
    if members > MAX_MEMBERS or directory_bytes > MAX_DIRECTORY_BYTES:
        raise BadArchive(_too_many(shown))


def _too_many(shown: str) -> str:
    return (
        f"“{shown}” holds more than {MAX_MEMBERS:,} files. Split it, or unpack it"
        " and import the folder."
    )


def _check_totals(archive: zipfile.ZipFile, path: Path, shown: str) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise BadArchive(_too_many(shown))
    unpacked = sum(member.file_size for member in members)
    packed = max(path.stat().st_size, 1)
    is_bomb = unpacked > RATIO_MATTERS_BYTES and unpacked / packed > MAX_RATIO
    if is_bomb or unpacked > MAX_UNPACKED_BYTES:
        raise BadArchive(
            f"“{shown}” would unpack to {unpacked / 2**30:,.1f} GB from"
            f" {packed / 2**20:,.1f} MB. It was not opened."
        )


def list_members(archive: zipfile.ZipFile, prefix: str) -> Iterator[Entry | Refused]:
    """Yield the files of an open zip; those that may not come in, with the reason.

    `prefix` (such as 'clothes.zip/') stands before the shown paths only.
    """
    for member in archive.infolist():
        name = _decode_name(member).replace("\\", "/")
        if name.endswith("/") or is_junk(name):
            continue
        inner = clean_path(name)
        reason = _reason_against(name, member)
        if reason:
            yield Refused(prefix + clean_path(name.replace("..", "‥")), reason)
        else:
            read = partial(_read_member, archive, member)
            opens = partial(_open_member, archive, member)
            yield Entry(prefix + inner, inner, member.file_size, read, opens=opens)


def _reason_against(name: str, member: zipfile.ZipInfo) -> str | None:
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive:
        return "Its name in the zip is an absolute path; such files are not taken."
    if ".." in name.split("/"):
        return "Its name in the zip leads outside the zip; such files are not taken."
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "It is a link or a special file, not a picture."
    if member.flag_bits & ENCRYPTED:
        return "It is locked with a password. Pack it again without one."
    if name.casefold().endswith(".zip"):
        return "A zip inside a zip is not opened. Unpack it first."
    return None


def _decode_name(member: zipfile.ZipInfo) -> str:
    # Without its flag zipfile takes names for cp437, but macOS writes UTF-8 and
    # Chinese Windows GBK. GB 2312 needs pairs of high bytes, so accents survive.
    if member.flag_bits & NAME_IS_UTF8 or member.filename.isascii():
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb2312"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(member)
    except ZIP_ERRORS as error:
        raise BadImage(DAMAGED) from error


def _read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, max_bytes: int
) -> bytes:
    check_size(member.file_size, max_bytes)
    try:
        # The declared size may lie: one byte more than allowed is read at most.
        with archive.open(member) as file:
            data = file.read(max_bytes + 1)
    except ZIP_ERRORS as error:
        raise BadImage(DAMAGED) from error
    check_size(len(data), max_bytes)
    return data
