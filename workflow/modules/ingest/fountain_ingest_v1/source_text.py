"""Reads the bytes of a screenplay and refuses, with the line at fault, what cannot be one.

The limits keep the time of parsing bounded: the Fountain parser is quadratic in the length of some lines and
paragraphs. They stand an order of magnitude above the longest feature screenplays.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NoReturn

from cineforge import ModuleFailed

MAX_BYTES = 10_000_000
MAX_LINES = 100_000
MAX_LINE_LENGTH = 20_000
MAX_PARAGRAPH_LINES = 5_000
MAX_NOTES_A_LINE = 50
MAX_EMPHASIS_MARKS_A_LINE = 2_000
MAX_BLANKS_IN_A_ROW = 250

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def read_source(path: Path) -> bytes:
    """The bytes of the file. Raises ModuleFailed if it cannot be read or is too big."""
    try:
        if path.exists() and not path.is_file():
            _refuse(path.name, "it is not a regular file", "name the script's own file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            _refuse(
                path.name,
                f"{size:,} bytes are more than the {MAX_BYTES:,} allowed",
                "split the script",
            )
        raw = path.read_bytes()
    except OSError as error:
        raise ModuleFailed(f"{path.name} cannot be read: {error.strerror}") from error
    return raw


def fountain_text(name: str, raw: bytes) -> str:
    """The text, lines ended by `\\n` alone. Raises ModuleFailed naming file and line for what is no plain text."""
    text = _decode(name, raw).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        _refuse(name, "the file is empty", "give a Fountain screenplay")
    _check_lines(name, text)
    return text


def _decode(name: str, raw: bytes) -> str:
    mark, encoding = next((known for known in _BOMS if raw.startswith(known[0])), (b"", "utf-8"))
    body = raw[len(mark) :]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start]
        if encoding != "utf-8" or b"\x00" in body:
            _refuse(
                name, f"the file is no text ({encoding} cannot read it)", "save it as UTF-8 text"
            )
        line = before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
        byte = body[error.start]
        _refuse(f"{name}:{line}", f"byte 0x{byte:02x} is not UTF-8", "save the file as UTF-8 text")


def _check_lines(name: str, text: str) -> None:
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        _refuse(
            name,
            f"{len(lines):,} lines are more than the {MAX_LINES:,} allowed",
            "split the script",
        )
    blanks = " " * MAX_BLANKS_IN_A_ROW
    paragraph = 0
    for number, line in enumerate(lines, 1):
        place = f"{name}:{number}"
        control = _CONTROL.search(line)
        if control:
            character = f"U+{ord(control.group()):04X}"
            _refuse(
                place, f"control character {character}: this is no text", "save it as plain text"
            )
        if len(line) > MAX_LINE_LENGTH:
            _refuse(
                place,
                f"the line has {len(line):,} characters, {MAX_LINE_LENGTH:,} are allowed",
                "break it",
            )
        if line.count("[[") > MAX_NOTES_A_LINE:
            _refuse(place, f"more than {MAX_NOTES_A_LINE} notes '[[' in one line", "break the line")
        if line.count("*") + line.count("_") > MAX_EMPHASIS_MARKS_A_LINE:
            _refuse(
                place,
                f"more than {MAX_EMPHASIS_MARKS_A_LINE:,} marks '*' and '_' in one line",
                "break it",
            )
        if blanks in line.expandtabs(1):
            _refuse(place, f"{MAX_BLANKS_IN_A_ROW} blanks in a row", "remove them")
        paragraph = paragraph + 1 if line.strip() else 0
        if paragraph > MAX_PARAGRAPH_LINES:
            _refuse(
                place,
                f"{MAX_PARAGRAPH_LINES:,} lines without a blank one",
                "put a blank line between the elements",
            )


def _refuse(place: str, what: str, remedy: str) -> NoReturn:
    raise ModuleFailed(f"{place}: {what}: {remedy}")
