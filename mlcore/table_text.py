"""Text files with labels, line by line, in the encoding they are found to have.

Nothing is held but the line at hand, so a file of any size can be read.
"""

import codecs
import io
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from typing import IO

from mlcore.archives import ZIP_ERRORS
from mlcore.encoding_evidence import judge_bytes
from mlcore.errors import BadTable

Opens = Callable[[], IO[bytes]]
AUTO = "auto"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODING_NAMES = {"cp1252": "Windows-1252", "gb18030": "GBK", "utf-16": "UTF-16"}
PLAIN_ENCODINGS = ("utf-8", "utf-8-sig")
# GBK decodes nearly any bytes. Real Chinese text is mostly of its common part.
COMMON_SHARE = 0.9
ENOUGH_FOREIGN = 20_000
PIECE_BYTES = 2**20
MAX_LINE_CHARACTERS = 8 * 2**20


@contextmanager
def explained(name: str, encoding: str = "utf-8") -> Iterator[None]:
    """Turn what can go wrong while reading a file called `name` into `BadTable`."""
    try:
        yield
    except LookupError as error:
        raise BadTable(
            f"There is no text encoding called “{encoding}”. Use utf-8, gbk or"
            " latin-1, for instance."
        ) from error
    except UnicodeError as error:
        raise BadTable(
            f"“{name}” is not {encoding}: some of its bytes have no meaning there."
            " Choose another encoding, or save it as UTF-8."
        ) from error
    except ZIP_ERRORS as error:
        raise BadTable(
            f"“{name}” is damaged and cannot be read to its end. Fetch it again."
        ) from error


def find_encoding(opens: Opens, name: str, wanted: str = AUTO) -> str:
    """Return the encoding of a text file; raises `BadTable` when none fits.

    Without a mark at its start the whole file is looked at once.
    """
    if wanted != AUTO:
        return wanted
    with explained(name), opens() as file:
        start = file.read(4)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    if _decodes(opens, name, "utf-8"):
        return "utf-8"
    is_gbk = _decodes(opens, name, "gb18030")
    with explained(name), opens() as file:
        found = judge_bytes(iter(partial(file.read, PIECE_BYTES), b""), is_gbk=is_gbk)
    if found:
        return found
    raise BadTable(
        f"The encoding of “{name}” is neither UTF-8, Windows-1252 nor GBK. Save it as"
        " UTF-8, or say which encoding it has."
    )


def _decodes(opens: Opens, name: str, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    foreign = common = 0
    with explained(name), opens() as file:
        while True:
            data = file.read(PIECE_BYTES)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError:
                return False
            if not data:
                return encoding == "utf-8" or common >= COMMON_SHARE * foreign
            if encoding != "utf-8":
                others = [c for c in text if not c.isascii()]
                foreign += len(others)
                common += sum(map(_is_common, others))
                if foreign >= ENOUGH_FOREIGN and common < COMMON_SHARE * foreign:
                    return False


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def read_lines(opens: Opens, name: str, encoding: str) -> Generator[str, None, None]:
    """Yield the lines of a text file with their ends; raises `BadTable`."""
    # newline="" keeps a line break inside a quoted cell as it is.
    with (
        explained(name, encoding),
        io.TextIOWrapper(opens(), encoding=encoding, newline="") as text,
    ):
        line = text.readline(MAX_LINE_CHARACTERS).removeprefix("\ufeff")
        while line:
            if "\0" in line or len(line) >= MAX_LINE_CHARACTERS:
                raise BadTable(_no_text(name))
            yield line
            line = text.readline(MAX_LINE_CHARACTERS)


def read_head(opens: Opens, name: str, encoding: str, count: int) -> list[str]:
    """Return the first lines of a text file; raises `BadTable`."""
    with closing(read_lines(opens, name, encoding)) as lines:
        return list(islice(lines, count))


def _no_text(name: str) -> str:
    return (
        f"“{name}” holds NUL characters or a line of 8 MB: it is not a text table, or"
        " is UTF-16 without its mark. Save it as UTF-8 CSV."
    )
