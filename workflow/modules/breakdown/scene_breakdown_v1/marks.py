"""Flashbacks, intercuts, montages ...: in headings, and in lines within a scene; and how far they reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .shared.heading_words import MARKS, HeadingWords

_LINES = frozenset({"action", "transition", "centered", "synopsis"})
_LONGEST = 70
#: What plays on no day of the story's present.
_OTHER_TIMES = frozenset({"flashback", "flashforward", "dream"})
_INSIDE = " inside"
_PRINTED = frozenset({"action", "character", "dialogue", "parenthetical", "lyrics", "centered"})


def marks_of(
    remarks: Sequence[str], elements: Sequence[Mapping[str, Any]], words: HeadingWords
) -> list[dict[str, Any]]:
    """`{mark, offset, text}` of a scene, `turn` where a line says that it begins or ends."""
    found: list[dict[str, Any]] = []
    for remark in remarks:
        kind, turn = words.mark(remark.upper())
        if kind in MARKS:
            found.append(_mark(kind, 0, remark, turn))
    for element in elements:
        text = element["text"].strip()
        if element["type"] not in _LINES - {"synopsis"} or len(text) > _LONGEST or "\n" in text:
            continue
        if text != text.upper():
            continue
        kind, turn = _line(text, words)
        if kind in MARKS:
            found.append(_mark(str(kind), element["offset"], text, turn))
    return found


def reach_of(scenes: Sequence[Mapping[str, Any]], words: HeadingWords) -> list[list[str]]:
    """For each scene in order what it is part of: its own marks, and those begun before it and not ended. What takes
    place at another time within a scene that goes on around it is `flashback inside`.

    A mark that a line begins and no line ends reaches into the next scene alone.
    """
    reached: list[list[str]] = [[] for _ in scenes]
    for index, scene in enumerate(scenes):
        for mark in scene.get("marks", ()):
            kind, turn = mark["mark"], mark.get("turn")
            behind = [e for e in scene["elements"] if e["offset"] > mark["offset"]]
            goes_on = any(e["type"] in _PRINTED for e in behind)
            ends = [each for each in _ends(scene, kind, words) if each > mark["offset"]]
            opens = turn == "begin" or (mark["offset"] > 0 and not goes_on and turn != "end")
            if not opens or goes_on or mark["offset"] == 0:
                inside = turn != "end" and _is_inside(scene, mark, ends)
                _add(reached[index], f"{kind}{_INSIDE}" if inside else kind)
            if opens and not ends:
                for after in range(index + 1, _last(scenes, index, kind, words) + 1):
                    _add(reached[after], kind)
    return reached


def _ends(scene: Mapping[str, Any], kind: str, words: HeadingWords) -> list[int]:
    """Where lines of a scene end what is marked: END FLASHBACK, BACK TO PRESENT."""
    named = [
        each["offset"]
        for each in scene.get("marks", ())
        if each["mark"] == kind and each.get("turn") == "end"
    ]
    present = [
        each["offset"]
        for each in scene["elements"]
        if each["type"] in _LINES and each["text"].isupper() and _is_present(each["text"], words)
    ]
    return [*named, *present]


def _is_inside(scene: Mapping[str, Any], mark: Mapping[str, Any], ends: Sequence[int]) -> bool:
    """Whether a scene of the present holds another time: it is told before the mark, or after its end."""
    if mark["mark"] not in _OTHER_TIMES or mark["offset"] == 0:
        return False
    marked = {mark["offset"], *ends, *(each["offset"] for each in scene["marks"])}
    told = [e["offset"] for e in scene["elements"] if e["type"] in _PRINTED]
    told = [offset for offset in told if offset not in marked]
    before = any(offset < mark["offset"] for offset in told)
    return before or (bool(ends) and any(offset > min(ends) for offset in told))


def _last(scenes: Sequence[Mapping[str, Any]], begun: int, kind: str, words: HeadingWords) -> int:
    """The last scene of what a scene's line begins: the one that ends it, or the next."""
    for index in range(begun + 1, len(scenes)):
        scene = scenes[index]
        if any(_is_present(remark, words) for remark in scene.get("slug", {}).get("remarks", ())):
            return index - 1
        for mark in scene.get("marks", ()):
            if mark["mark"] == kind and mark.get("turn") == "end":
                return index
            if mark["mark"] == kind and mark.get("turn") == "begin":
                return min(begun + 1, index)
    return min(begun + 1, len(scenes) - 1)


def _is_present(remark: str, words: HeadingWords) -> bool:
    said = remark.upper()
    return any(said.startswith(end) for end in words.kind("end")) and bool(words.remark(said))


def _line(text: str, words: HeadingWords) -> tuple[str | None, str | None]:
    kind, turn = words.mark(text)
    if kind:
        return kind, turn
    said = text.strip(" .:;-–—()[]")
    for length in (3, 2, 1):
        first = " ".join(said.split()[:length])
        kind, turn = words.mark(first)
        if kind in ("intercut", "montage", "flashback", "flashforward", "dream", "split_screen"):
            return kind, turn
    return None, None


def _mark(kind: str | None, offset: int, text: str, turn: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"mark": MARKS[str(kind)], "offset": offset, "text": text}
    if turn:
        found["turn"] = turn
    return found


def _add(kinds: list[str], kind: str) -> None:
    """A scene that is part of a flashback as a whole holds none besides; the end of one inside tells nothing more."""
    whole = kind.removesuffix(_INSIDE)
    if whole not in kinds and f"{whole}{_INSIDE}" not in kinds:
        kinds.append(kind)
