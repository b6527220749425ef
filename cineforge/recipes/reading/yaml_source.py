"""YAML read with positions, and without YAML's surprises.

Built on the parser's events instead of a loader, because a loader has already lost what must be reported here
(duplicate keys, lines) and already turned `on`, `12:30` and `2026-01-01` into something else than the text typed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from cineforge.model.errors import NotFound, Problem, ProblemsFound, unreadable
from cineforge.recipes.reading.key_paths import KeyPath, key_path_text, shown

SIZE_LIMIT = 1_000_000
DEPTH_LIMIT = 64
#: Characters after aliases are written out: a few lines of nested aliases can stand for gigabytes.
EXPANDED_LIMIT = 4 * SIZE_LIMIT

_BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# At most 18 digits: longer runs are identifiers, not quantities. A leading zero (`007`) means text too.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,30}(?:[eE][-+]?[0-9]{1,3})?")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class YamlDocument:
    """A parsed file: plain data, the line of every key path, and the mistakes that did not stop the reading.

    Data that was never text (a recipe embedded in a Snakefile) has no lines.
    """

    data: dict[str, Any]
    file: str = ""
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, path: KeyPath) -> int | None:
        """The 1-based line of a key path, or of its nearest ancestor that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def problem(self, path: KeyPath, message: str, hint: str = "") -> Problem:
        """A mistake at a key path of this file."""
        return Problem(message, self.file, self.line(path), key_path_text(path), hint)


def load_yaml(path: Path, *, all_optional: bool = False) -> YamlDocument:
    """The document of a YAML file whose top is a map. Raises NotFound, or ProblemsFound with every mistake.

    `all_optional`: nothing in it is required, so that a file without content, or a key without a value, says nothing.
    """
    file = str(path)
    data = _read_bytes(path, file)
    if all_optional and _says_nothing(data):
        return YamlDocument({}, file)
    document = parse_yaml_bytes(data, file)
    if document.problems:
        raise ProblemsFound(f"{path} cannot be read:", document.problems)
    if all_optional:
        said = {key: value for key, value in document.data.items() if value is not None}
        return replace(document, data=said)
    return document


def _says_nothing(data: bytes) -> bool:
    """Whether there are only comments, blanks and the marks of a document."""
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines()
    kept = [line.partition(b"#")[0].strip() for line in lines]
    return all(line in (b"", b"---", b"...") for line in kept)


def parse_yaml(path: Path) -> YamlDocument:
    """Like `load_yaml`, but mistakes that leave the rest readable (duplicate keys, tags) come in `.problems`.

    For callers that have more to check and report all in one go.
    """
    file = str(path)
    return parse_yaml_bytes(_read_bytes(path, file), file)


def parse_yaml_bytes(data: bytes, file: str) -> YamlDocument:
    """Like `parse_yaml`, of what was read from a file before."""
    text = _text_of(data, file)
    builder = _Builder(file)
    try:
        content = builder.build(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise _syntax_problem(error, text, file) from None
    return YamlDocument(content, file, builder.lines, tuple(builder.problems))


def _read_bytes(path: Path, file: str) -> bytes:
    if not path.exists():
        raise NotFound(f"there is no file {file}")
    # A pipe or device would block or never end.
    if not path.is_file():
        raise _unreadable(file, None, "not a regular file", "name a YAML file")
    try:
        with path.open("rb") as stream:
            return stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ProblemsFound(f"{file} cannot be read:", [unreadable(file, error)]) from None


def _text_of(data: bytes, file: str) -> str:
    if len(data) > SIZE_LIMIT:
        raise _unreadable(
            file, None, f"larger than {SIZE_LIMIT:,} bytes", "is this the right file?"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(file, line, "not UTF-8 text", "save the file as UTF-8") from None
    odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise _unreadable(
            file, line, f"holds the control character {odd.group()!r}", "is this a text file?"
        )
    return text


def _unreadable(file: str, line: int | None, message: str, hint: str = "") -> ProblemsFound:
    return ProblemsFound(f"{file} cannot be read:", [Problem(message, file, line, hint=hint)])


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> ProblemsFound:
    mark = error.problem_mark or error.context_mark
    message = f"not valid YAML: {error.problem or error.context}"
    if mark is None:
        return _unreadable(file, None, message)
    if error.context_mark and error.context_mark.line < mark.line:
        message += f" {error.context} that starts in line {error.context_mark.line + 1}"
    lines = text.splitlines()
    wrong = lines[mark.line] if mark.line < len(lines) else ""
    hint = ""
    if "\t" in wrong[: len(wrong) - len(wrong.lstrip())]:
        hint = "indent with spaces: YAML does not allow tabs"
    elif "mapping values" in message:
        hint = "put text that holds ': ' in quotes"
    return _unreadable(file, mark.line + 1, message, hint)


@dataclass(frozen=True)
class _Anchored:
    value: Any
    weight: int


class _Builder:
    """Turns one document's parser events into data, noting the line of every key path."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._weight = 0

    def build(self, events: Iterator[Any]) -> dict[str, Any]:
        self._events = events
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            raise _unreadable(self.file, None, "the file is empty")
        top = next(events)
        data = self._value(top, (), self._line(top))
        next(events)
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _unreadable(
                self.file,
                self._line(after),
                "a second document starts here",
                "remove the '---' line",
            )
        if not isinstance(data, dict):
            raise _unreadable(
                self.file,
                self._line(top),
                "the top of the file must be a map of 'key: value' lines",
            )
        return data

    @staticmethod
    def _line(event: Any) -> int:
        line: int = event.start_mark.line
        return line + 1

    def _report(self, line: int, path: KeyPath, message: str, hint: str) -> None:
        self.problems.append(Problem(message, self.file, line, key_path_text(path), hint))

    def _value(self, event: Any, path: KeyPath, line: int) -> Any:
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event, path)
        if len(path) > DEPTH_LIMIT:
            raise _unreadable(self.file, line, f"nested deeper than {DEPTH_LIMIT} levels")
        if event.tag is not None:
            hint = "remove the tag; quote the value to make it text"
            self._report(
                self._line(event), path, f"the tag {shown(event.tag)} is not allowed", hint
            )
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        before = self._weight
        if isinstance(event, yaml.ScalarEvent):
            self._weigh(len(event.value), line)
            value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(path)
        else:
            value = self._mapping(path)
        self._weigh(1, line)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, self._weight - before)
        return value

    def _weigh(self, weight: int, line: int) -> None:
        self._weight += weight
        if self._weight > EXPANDED_LIMIT:
            raise _unreadable(
                self.file, line, "aliases (*name) blow the file up", "write the values out instead"
            )

    def _aliased(self, event: Any, path: KeyPath) -> Any:
        anchored = self._anchors.get(event.anchor)
        line = self._line(event)
        if anchored is None:
            message = f"the alias *{event.anchor} stands for nothing, or for itself"
            self._report(line, path, message, f"define &{event.anchor} before it is used")
            return None
        self._weigh(anchored.weight, line)
        return anchored.value

    def _sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items)), self._line(event)))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = self._line(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._report(line, path, "a key must be plain text", "write 'key: value'")
                self._value(event, (*path, "?"), line)
                self._value(next(self._events), (*path, "?"), line)
                continue
            self._weigh(len(event.value), line)
            # A key is the text as typed: `on:` and `1:` are the keys "on" and "1".
            inner = (*path, event.value)
            duplicate = event.value in mapping
            if duplicate:
                message = (
                    f"the key {shown(event.value)} is already there, in line {self.lines[inner]}"
                )
                self._report(line, inner, message, "keep one of the two")
            value = self._value(next(self._events), inner, line)
            if not duplicate:
                mapping[event.value] = value
        return mapping


def _scalar(event: Any) -> Any:
    return plain_value(event.value) if event.implicit[0] else event.value


def plain_value(text: str) -> Any:
    """What a text without quotes stands for."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
