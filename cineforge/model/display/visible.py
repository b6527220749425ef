"""Text as people may see it: what a terminal would obey instead of showing is written out.

Names of people, reasons, errors of modules and payloads come from anywhere. Raw, an escape sequence in one could
clear the screen, write to the clipboard (OSC 52), or show another line than the one that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

#: Controls but the newline (C0, DEL, C1), separators of lines and paragraphs, marks that turn the direction of text,
#: characters that take no room and join nothing, tags, and halves of surrogate pairs. ZWJ and ZWNJ spell words.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
#: Longer than paths that people type, and than a sentence that they read.
_LONG_WORD = re.compile(r"\S{401,}")
_LINE = 2000
_STREAMS = {"<stdout>": "standard output", "<stderr>": "standard error"}
_SHORT = {"\t": r"\t", "\r": r"\r", "\b": r"\b", "\f": r"\f"}


def visible(text: str) -> str:
    """The text with such characters written as JSON writes them: so JSON stays the JSON that it was."""
    return _UNSEEN.sub(_escaped, text)


def visible_line(text: str) -> str:
    """The same in one line, for a cell of a table or what stands within a sentence."""
    return visible(text).replace("\n", r"\n")


def brief(text: str) -> str:
    """A message without the bulk of what it quotes: a word of thousands of letters, or a line that fills a screen."""
    text = _LONG_WORD.sub(lambda found: _cut(found[0], 120, 40), text)
    return "\n".join(
        line if len(line) <= _LINE else _cut(line, _LINE - 400, 200) for line in text.split("\n")
    )


def _cut(text: str, head: int, tail: int) -> str:
    return f"{text[:head]}...({len(text):,} letters)...{text[-tail:]}"


def _escaped(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or _as_json(found[0])


def _as_json(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


class VisibleStream:
    """A text stream that shows whatever is written to it; `beneath` is the stream itself, for those that draw.

    What the system refuses says where it was to go, as it would of a file.
    """

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath

    def write(self, text: str) -> int:
        shown = visible(text)
        with self._named():
            try:
                self.beneath.write(shown)
            except UnicodeEncodeError:
                # A locale that knows no more than ASCII, say.
                self.beneath.write(_within(shown, self.beneath.encoding or "ascii"))
        return len(text)

    def flush(self) -> None:
        with self._named():
            self.beneath.flush()

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            name = getattr(self.beneath, "name", None)
            error.filename = _STREAMS.get(name, name) if isinstance(name, str) else None
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self.beneath, name)


def _within(text: str, encoding: str) -> str:
    """The text with what an encoding does not know written out."""
    return "".join(each if _knows(encoding, each) else _as_json(each) for each in text)


def _knows(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
