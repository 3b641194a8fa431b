"""Whether bytes that are not UTF-8 are Western text or Chinese. Pure.

GBK writes a character as two bytes, mostly both above 127, and Chinese stands in
words of its own. In Western text single letters with a mark stand among plain ones.
"""

import re
from collections.abc import Iterable

# Letters with marks, and the signs of Windows-1252 that texts do hold.
_SIGNS = "ŠŒŽšœžŸ€…‘’“”•–—\xa0¡£§©ª«®°´·º»½¿"
WESTERN = frozenset(_SIGNS.encode("cp1252")) | frozenset(range(0xC0, 0x100))
WESTERN_SHARE = 0.9
# Cyrillic and Greek texts are whole words of such bytes.
LONGEST_WESTERN = 2.0
ENOUGH_RUNS = 20_000
_RUN = re.compile(rb"([A-Za-z]?)([\x80-\xff]+)(?=([A-Za-z]?))")


def judge_bytes(pieces: Iterable[bytes], *, is_gbk: bool) -> str:
    """Return cp1252 or gb18030, "" when neither is likely.

    `is_gbk` says whether the bytes decode as common Chinese.
    """
    runs = chinese = western = foreign = letters = 0
    for piece in pieces:
        if runs >= ENOUGH_RUNS:
            break
        for before, run, after in _RUN.findall(piece):
            runs += 1
            foreign += len(run)
            letters += sum(byte in WESTERN for byte in run)
            touches = bool(before or after)
            if len(run) % 2 == 0 and (len(run) >= 4 or not touches):
                chinese += 1
            else:
                western += 1
    if is_gbk and chinese > western:
        return "gb18030"
    is_western = letters >= WESTERN_SHARE * foreign
    if runs and is_western and foreign <= LONGEST_WESTERN * runs:
        return "cp1252"
    return "gb18030" if is_gbk else ""
