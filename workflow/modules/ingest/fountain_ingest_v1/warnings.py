"""What the source may have meant otherwise: by line, and by kind with counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

_LINES_NAMED = 5
_BEFORE_HEADING = "before-first-heading"
#: One line for people about all of a kind: `{n}` is how many, `{s}` an s for several.
_KINDS = {
    _BEFORE_HEADING: "{n} paragraph{s} before the first scene heading {are} in no scene",
    "heading-without-blank-line": "{n} line{s} would be scene headings if blank lines stood before and after",
    "numbered-heading": "{n} scene heading{s} with a number beside {it} instead of '#1#' behind, read as headings",
    "unread-time-words": "{n} heading{s} end{ends} in words that may be times of day in no known language, read"
    " as rooms: {who}; name them in vocabulary.yaml, as in 'night: [{first}]'",
    "unread-time-in-place": "{n} heading{s} end{ends} in words that may be times of day in no known language, read"
    " as part of places: {who}; name them in vocabulary.yaml, as in 'night: [{first}]'",
    "likely-heading": "{n} line{s} may be scene headings in words that are not known; name the language, or put a"
    " period before",
    "orphan-character-cue": "{n} line{s} in capitals without a speech below, read as action",
    "likely-cue": "{n} line{s} may be cue{s}, by what stands below: write @ before {it}; read as action",
    "cue-without-words": "{n} cue{s} with an aside and no words below {it}",
    "cue-without-blank-line": "{n} name{s} of speakers stand within action: put a blank line before a cue",
    "transition-without-blank-line": "{n} transition{s} without a blank line behind",
    "unclosed-note": "{n} note{s} opened with '[[' and never closed, read as text",
    "unclosed-boneyard": "a comment opened with '/*' is never closed with '*/'; read as text",
    "empty-heading": "{n} scene heading{s} without text",
    "unknown-paragraph-type": "{n} paragraph{s} of unknown types, read as action",
    "speech-without-cue": "{n} speech{es} without a cue before {it}: nobody is known to say {it}",
}


class Warnings:
    """Collects them; in the end they are in the order of the source."""

    def __init__(self) -> None:
        self._found: list[dict[str, Any]] = []
        self._who: dict[str, list[str]] = defaultdict(list)

    def add(self, line: int, code: str, message: str, who: str = "") -> None:
        self._found.append({"line": line, "code": code, "message": message})
        if who and who not in self._who[code]:
            self._who[code].append(who)

    def listed(self) -> list[dict[str, Any]]:
        return sorted(self._found, key=lambda warning: (warning["line"], warning["code"]))

    def groups(self) -> list[dict[str, Any]]:
        """A row for each kind, the most frequent first: count, first lines, one line for people."""
        return _grouped(self.listed(), self._who)


def _grouped(
    warnings: Sequence[dict[str, Any]], who: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    lines: dict[str, list[int]] = defaultdict(list)
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for warning in warnings:
        lines[warning["code"]].append(warning["line"])
        said[warning["code"]][warning["message"]] += 1
    rows = []
    for code, places in sorted(lines.items(), key=lambda item: (-len(item[1]), item[0])):
        count = len(places)
        named = who.get(code, ())
        told = _KINDS.get(code, "").format(
            n=count,
            s="s" * (count > 1),
            es="es" * (count > 1),
            ends="s" * (count == 1),
            are="are" if count > 1 else "is",
            it="them" if count > 1 else "it",
            who=_listed(named),
            first=next(iter(named), ""),
        )
        what = told if told and (count > 1 or len(said[code]) > 1) else next(iter(said[code]))
        speak = "speak" if len(named) > 1 else "speaks"
        speaks = code == _BEFORE_HEADING and named and count > 1
        speakers = f"; there {_listed(named)} {speak}" if speaks else ""
        rows.append(
            {
                "code": code,
                "count": count,
                "lines": places[:_LINES_NAMED],
                "message": f"{what} (line{'s' * (count > 1)} {_listed(places)}){speakers}",
            }
        )
    return rows


def look_again(elements: list[dict[str, Any]], warnings: Warnings) -> None:
    """What shows only when all is read: speech and action in no scene, names of speakers within action."""
    _warn_of_front_matter(elements, warnings)
    speakers = {_name(each["text"]) for each in elements if each["type"] == "character"}
    for element in elements:
        if element["type"] != "action" or "\n" not in element["text"]:
            continue
        lines = element["text"].split("\n")
        places = element.get("source_lines", range(len(lines)))
        for line, below in list(zip(lines, places, strict=True))[1:-1]:
            if line.strip().isupper() and _name(line.partition("(")[0]) in speakers:
                message = f"'{line.strip()}' would be a cue if a blank line stood before it; read as action"
                warnings.add(element["line"] + below, "cue-without-blank-line", message)


def _warn_of_front_matter(elements: Sequence[dict[str, Any]], warnings: Warnings) -> None:
    speaker = ""
    for element in elements:
        kind = element["type"]
        if kind == "scene_heading":
            return
        if kind == "character":
            speaker = element["text"]
        elif kind in ("dialogue", "lyrics") and speaker:
            message = f"{speaker} speaks before the first scene heading: in no scene, and so in nobody's cast"
            warnings.add(element["line"], _BEFORE_HEADING, message, who=speaker)
        elif kind in ("action", "lyrics"):
            message = "this stands before the first scene heading: it is in no scene"
            warnings.add(element["line"], _BEFORE_HEADING, message)


def _name(cue: str) -> str:
    return " ".join(cue.split()).casefold()


def _listed(places: Sequence[object]) -> str:
    shown = ", ".join(map(str, places[:_LINES_NAMED]))
    more = len(places) - _LINES_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
