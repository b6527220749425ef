"""What differs between two drafts: scenes added, cut, omitted, moved, changed; cast and elements gained and lost."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cineforge.drafts.draft import Draft

Row = Mapping[str, Any]
#: Category -> names.
Elements = dict[str, list[str]]


@dataclass(frozen=True)
class SceneRow:
    """A scene of one draft: its number (or place), heading, length, and who is in it."""

    scene: str
    number: str
    heading: str
    eighths: int
    cast: tuple[str, ...]


@dataclass(frozen=True)
class SceneChange:
    """A scene that is in both drafts and differs. Lines are those of its text that are new and that are gone."""

    scene: str
    number: str
    heading: str
    was_number: str
    was_heading: str
    eighths_before: int
    eighths_after: int
    lines_added: int
    lines_removed: int
    cast_gained: tuple[str, ...]
    cast_lost: tuple[str, ...]
    elements_gained: Elements = field(default_factory=dict)
    elements_lost: Elements = field(default_factory=dict)


@dataclass(frozen=True)
class Drafts:
    """`moved` are (scene, place before, place after) of as few scenes as explain the new order."""

    old: str
    new: str
    scenes_before: int
    scenes_after: int
    eighths_before: int
    eighths_after: int
    added: tuple[SceneRow, ...]
    cut: tuple[SceneRow, ...]
    omitted: tuple[SceneRow, ...]
    moved: tuple[tuple[SceneRow, int, int], ...]
    changed: tuple[SceneChange, ...]
    cast_gained: tuple[str, ...]
    cast_lost: tuple[str, ...]
    elements_gained: Elements
    elements_lost: Elements

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        lists = (self.added, self.cut, self.omitted, self.moved, self.changed)
        return not any(lists) and not (self.cast_gained or self.cast_lost)


def compare_drafts(old: Draft, new: Draft) -> Drafts:
    """Scenes are the same by their ids, which the breakdown keeps through edits, moves and new numbers."""
    before = {row["scene"]: row for row in old.rows}
    after = {row["scene"]: row for row in new.rows}
    old_cast, new_cast = _names(old), _names(new)
    both = [scene for scene in after if scene in before]
    gone_now = [s for s in both if _omitted(after[s]) and not _omitted(before[s])]
    back = [s for s in both if _omitted(before[s]) and not _omitted(after[s])]
    added = [s for s in after if s not in before and not _omitted(after[s])] + back
    cut = [scene for scene in before if scene not in after and not _omitted(before[scene])]
    alive = [s for s in both if not _omitted(before[s]) and not _omitted(after[s])]
    changes = (_change(before[s], after[s], old, new, old_cast, new_cast) for s in alive)
    order = list(after)
    return Drafts(
        old=old.name,
        new=new.name,
        scenes_before=_shot(old.rows),
        scenes_after=_shot(new.rows),
        eighths_before=_length(old.rows),
        eighths_after=_length(new.rows),
        added=tuple(_row(after[s], new_cast) for s in sorted(added, key=order.index)),
        cut=tuple(_row(before[s], old_cast) for s in cut),
        omitted=tuple(_row(before[s], old_cast) for s in gone_now),
        moved=tuple(
            (_row(after[s], new_cast), before[s]["ordinal"], after[s]["ordinal"])
            for s in _moved(both, before)
        ),
        changed=tuple(change for change in changes if change is not None),
        cast_gained=tuple(name for who, name in new_cast.items() if who not in old_cast),
        cast_lost=tuple(name for who, name in old_cast.items() if who not in new_cast),
        elements_gained=_missing(_all_elements(new.rows), _all_elements(old.rows)),
        elements_lost=_missing(_all_elements(old.rows), _all_elements(new.rows)),
    )


def _change(
    before: Row,
    after: Row,
    old: Draft,
    new: Draft,
    old_cast: Mapping[str, str],
    new_cast: Mapping[str, str],
) -> SceneChange | None:
    scene = after["scene"]
    was, now = old.scene(scene), new.scene(scene)
    if was is None or now is None or _said(was) == _said(now):
        if before["heading"] == after["heading"] and _number(before) == _number(after):
            return None
        was = now = {"elements": []}
    added, removed = _lines(_text(was), _text(now))
    gained = [who for who in _people(after) if who not in _people(before)]
    lost = [who for who in _people(before) if who not in _people(after)]
    if not (added or removed) and before["heading"] == after["heading"]:
        return None  # renumbered alone: a locked script says so itself
    return SceneChange(
        scene=scene,
        number=_number(after),
        heading=after["heading"],
        was_number=_number(before),
        was_heading=before["heading"],
        eighths_before=before["eighths"],
        eighths_after=after["eighths"],
        lines_added=added,
        lines_removed=removed,
        cast_gained=tuple(new_cast.get(who, who) for who in gained),
        cast_lost=tuple(old_cast.get(who, who) for who in lost),
        elements_gained=_missing(_elements(after), _elements(before)),
        elements_lost=_missing(_elements(before), _elements(after)),
    )


def _said(scene: Row) -> tuple[Any, Any]:
    """What the script says: who is meant by it may change by what is said elsewhere."""
    return scene.get("heading"), _text(scene)


def _text(scene: Row) -> list[str]:
    lines = []
    for element in scene["elements"]:
        extensions = "".join(f" ({each})" for each in element.get("extensions", ()))
        lines += [f"{element['type']}: {line}{extensions}" for line in element["text"].split("\n")]
    return lines


def _lines(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """How many lines are new, and how many are gone."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    return len(after) - kept, len(before) - kept


def _moved(both: Sequence[str], before: Mapping[str, Row]) -> list[str]:
    """The scenes outside a longest run that kept its order."""
    places = [before[scene]["ordinal"] for scene in both]
    ends: list[int] = []
    last: list[int] = []
    links: list[int] = []
    for at, place in enumerate(places):
        size = bisect_left(ends, place)
        links.append(last[size - 1] if size else -1)
        ends[size : size + 1] = [place]
        last[size : size + 1] = [at]
    kept: set[int] = set()
    at = last[-1] if last else -1
    while at >= 0:
        kept.add(at)
        at = links[at]
    return [scene for at, scene in enumerate(both) if at not in kept]


def _names(draft: Draft) -> dict[str, str]:
    return {member["id"]: member["name"] for member in draft.board["cast"]}


def _people(row: Row) -> list[str]:
    return [*row["cast"], *row["voices"]]


def _omitted(row: Row) -> bool:
    return bool(row.get("omitted"))


def _shot(rows: Iterable[Row]) -> int:
    return sum(not _omitted(row) for row in rows)


def _length(rows: Iterable[Row]) -> int:
    return sum(row["eighths"] for row in rows if not _omitted(row))


def _number(row: Row) -> str:
    return str(row["number"] or row["ordinal"])


def _row(row: Row, names: Mapping[str, str]) -> SceneRow:
    people = tuple(names.get(who, who) for who in _people(row))
    return SceneRow(row["scene"], _number(row), row["heading"], row["eighths"], people)


def _elements(row: Row) -> Elements:
    """Boards of before there were elements have props alone."""
    found = row.get("elements")
    return (
        {kind: list(names) for kind, names in found.items()}
        if found is not None
        else ({"props": list(row["props"])} if row["props"] else {})
    )


def _all_elements(rows: Iterable[Row]) -> Elements:
    found: Elements = {}
    for row in rows:
        for kind, names in _elements(row).items():
            known = found.setdefault(kind, [])
            known += [name for name in names if name not in known]
    return found


def _missing(these: Elements, those: Elements) -> Elements:
    """What `these` have and `those` lack, however it is spelled."""
    missing: Elements = {}
    for kind, names in these.items():
        known = {name.casefold() for name in those.get(kind, ())}
        left = [name for name in names if name.casefold() not in known]
        if left:
            missing[kind] = left
    return missing
