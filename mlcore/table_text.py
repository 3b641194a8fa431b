"""Bytes of a table become text: UTF-8, UTF-16 or GBK by themselves, others by name."""

import codecs

from mlcore.errors import BadTable

AUTO = "auto"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# GBK decodes nearly any bytes. Real Chinese text is mostly of its common part.
COMMON_SHARE = 0.9


def decode_table(data: bytes, name: str, encoding: str = AUTO) -> str:
    """Return the text of a table called `name`; raises `BadTable` in words."""
    text = _guess(data, name) if encoding == AUTO else _decode(data, name, encoding)
    if "\0" in text:
        raise BadTable(
            f"“{name}” holds NUL characters: it is not a text table, or is UTF-16"
            " without its mark. Save it as UTF-8 CSV."
        )
    return text


def _guess(data: bytes, name: str) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _decode(data, name, encoding)
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _looks_chinese(text):
            return text
    raise BadTable(
        f"The encoding of “{name}” is neither UTF-8 nor GBK. Save it as UTF-8, or"
        " say which encoding it has."
    )


def _looks_chinese(text: str) -> bool:
    """Whether the non-ASCII part is common Chinese, not some other encoding."""
    foreign = [c for c in text if not c.isascii()]
    common = sum(_is_common(c) for c in foreign)
    return common >= COMMON_SHARE * len(foreign)


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _decode(data: bytes, name: str, encoding: str) -> str:
    try:
        # A mark at the start would otherwise become part of the first header.
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise BadTable(
            f"There is no text encoding called “{encoding}”. Use utf-8, gbk or"
            " latin-1, for instance."
        ) from error
    except (UnicodeError, ValueError) as error:
        raise BadTable(
            f"“{name}” is not {encoding}: some of its bytes have no meaning there."
            " Choose another encoding, or save it as UTF-8."
        ) from error
