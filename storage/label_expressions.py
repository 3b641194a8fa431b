"""Conditions on labels as people write them: `black and not (jeans or "no logo")`.

A name means yes, `not` means "not yes", `no(name)` an explicit no and `unknown(name)`
or `?name` no answer at all. `& | !` stand for and, or, not; a `-` between two
names means "and not". A name that is a label wins over what its words could mean
else (the label `black and white`), except the bare words and, or, not: quote those.
"""

import difflib
import itertools
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from storage.errors import ExpressionError
from storage.records import Label

MAX_CHARACTERS = 1000  # SQLite refuses an expression tree deeper than 1000
MAX_DEPTH = 50
YES_SQL = "instr(',' || set_key || ',', ?) > 0"
NO_SQL = "image_id IN (SELECT image_id FROM answers WHERE label_id = ? AND value = 0)"
UNKNOWN_SQL = "image_id NOT IN (SELECT image_id FROM answers WHERE label_id = ?)"

Sql = tuple[str, list[Any]]

_AND = re.compile(r"(?:and\b|&&?)\s*", re.IGNORECASE)
_OR = re.compile(r"(?:or\b|\|\|?)\s*", re.IGNORECASE)
_NOT = re.compile(r"(?:not\b|!|-)\s*", re.IGNORECASE)
_ANSWER = re.compile(r"(unknown|no)\s*\(\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\s()&|!\"“”„]+")
_BOUNDARY = re.compile(r"(?=[\s()&|!\"“”„]|$)")
_QUOTES = {'"': '"', "“": "”", "„": "“"}
_KEYWORDS = {"and", "or", "not"}


def compile_expression(text: str, labels: Sequence[Label]) -> Sql:
    """The condition over images for an expression, and its parameters.

    Raises ExpressionError, which says at which character something else was
    expected, or which label was probably meant.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"The expression has {len(text):,} characters; at most {MAX_CHARACTERS:,} "
            "can be read. Shorten it."
        )
    return _Reader(text, labels).read_all()


def yes_parameter(label_id: int) -> str:
    """The parameter of YES_SQL for a label."""
    return f",{label_id},"


def fold_words(text: str) -> str:
    """How names are compared: white space collapsed, without regard to case."""
    words = " ".join(unicodedata.normalize("NFC", text).split())
    return unicodedata.normalize("NFC", words.casefold())


class _Reader:
    """Reads one expression from left to right; `at` is how far it got."""

    def __init__(self, text: str, labels: Sequence[Label]) -> None:
        self.text = unicodedata.normalize("NFC", text).rstrip()
        self.ids = {fold_words(label.name): label.label_id for label in labels}
        self.names = [label.name for label in labels]
        self.longest = 2 * max(map(len, self.names), default=0)
        self.at = 0
        self.depth = 0
        self.skip_space()

    def read_all(self) -> Sql:
        found = self.read_any()
        if self.at < len(self.text):
            is_closing = self.peek() == ")"
            rest = "a “(” before it" if is_closing else "“and”, “or” or the end"
            raise self.error(f"expected {rest}")
        return found

    def read_any(self) -> Sql:
        parts = [self.read_all_of()]
        while self.take(_OR):
            parts.append(self.read_all_of())
        return _joined(" OR ", parts)

    def read_all_of(self) -> Sql:
        parts = [self.read_one()]
        while self.at < len(self.text):
            # "black -jeans" and "black not jeans" mean "and not"
            if not (self.take(_AND) or _NOT.match(self.text, self.at)):
                break
            parts.append(self.read_one())
        return _joined(" AND ", parts)

    def read_one(self) -> Sql:
        is_not = False
        while not self.sees_name() and self.take(_NOT):
            is_not = not is_not
        sql, values = self.read_operand()
        return (f"NOT {sql}" if is_not else sql), values

    def read_operand(self) -> Sql:
        if self.sees_name():
            return self.read_yes()
        if answer := self.take(_ANSWER):
            label_id = self.read_name()
            self.close(answer.start() + answer[0].index("("))
            return (UNKNOWN_SQL if answer[1].lower() == "unknown" else NO_SQL), [
                label_id
            ]
        if self.peek() == "?":
            self.step()
            return UNKNOWN_SQL, [self.read_name()]
        if self.peek() == "(":
            return self.read_parentheses()
        return self.read_yes()

    def read_yes(self) -> Sql:
        return YES_SQL, [yes_parameter(self.read_name())]

    def read_parentheses(self) -> Sql:
        opened = self.at
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"parentheses are nested at most {MAX_DEPTH} deep")
        self.step()
        found = self.read_any()
        self.close(opened)
        self.depth -= 1
        return found

    def close(self, opened: int) -> None:
        if self.peek() != ")":
            where = f"expected “)” for the “(” at character {opened + 1}"
            raise self.error(where)
        self.step()

    def read_name(self) -> int:
        if self.peek() in _QUOTES:
            return self.read_quoted()
        end = self.name_end()
        if end is None:
            raise self.unknown_name()
        label_id = self.ids[fold_words(self.text[self.at : end])]
        self.step(end - self.at)
        return label_id

    def read_quoted(self) -> int:
        end = self.text.find(_QUOTES[self.peek()], self.at + 1)
        if end < 0:
            raise self.error("this quote is never closed")
        name = self.text[self.at + 1 : end]
        label_id = self.ids.get(fold_words(name))
        if label_id is None:
            raise self.error(self.no_such_label(name))
        self.step(end + 1 - self.at)
        return label_id

    def sees_name(self) -> bool:
        """Whether a label's own words stand here, not a word of this language."""
        end = self.name_end()
        if end is None or self.text[self.at : end].lower() in _KEYWORDS:
            return False
        answer = _ANSWER.match(self.text, self.at)
        # A label may be called "unknown": before a parenthesis the question is meant.
        return not answer or end > answer.start() + answer[0].index("(")

    def name_end(self) -> int | None:
        """Where the longest label name that starts here ends."""
        if self.peek() in ("", " "):
            return None
        found = _BOUNDARY.finditer(self.text, self.at + 1)
        ends = itertools.takewhile(
            lambda end: end <= self.at + self.longest, (m.start() for m in found)
        )
        names = [end for end in ends if self.is_name(self.text[self.at : end])]
        return max(names, default=None)

    def is_name(self, words: str) -> bool:
        return not words[-1].isspace() and fold_words(words) in self.ids

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def step(self, characters: int = 1) -> None:
        self.at += characters
        self.skip_space()

    def skip_space(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def unknown_name(self) -> ExpressionError:
        word = _WORD.match(self.text, self.at)
        if word is None or word[0].lower() in _KEYWORDS:
            return self.error("expected a label name")
        return self.error(self.no_such_label(word[0]))

    def no_such_label(self, name: str) -> str:
        folded = {fold_words(known): known for known in self.names}
        close = difflib.get_close_matches(fold_words(name), folded, 1)
        hint = f"; did you mean “{folded[close[0]]}”?" if close else ""
        return f"there is no label “{name[:60]}”{hint}"

    def error(self, what: str) -> ExpressionError:
        if self.at >= len(self.text):
            return ExpressionError(f"At the end: {what}.".replace("?.", "?"))
        word = _WORD.match(self.text, self.at)
        seen = word[0][:20] if word else self.peek()
        shown = "" if f"“{seen}”" in what else f" (“{seen}”)"
        sentence = f"At character {self.at + 1}{shown}: {what}."
        return ExpressionError(sentence.replace("?.", "?"))


def _joined(word: str, parts: list[Sql]) -> Sql:
    values = [value for _, given in parts for value in given]
    if len(parts) == 1:
        return parts[0]
    return f"({word.join(sql for sql, _ in parts)})", values
