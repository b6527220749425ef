"""What differs between two payloads, and between two lists of attached files. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from cineforge.model.artifact import Change, ChangeKind
from cineforge.model.metadata import AttachedFile

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Beyond this many pairs of equal elements, aligning two lists costs more than a reader gains: they are compared by
#: position.
_ALIGN_LIMIT = 4_000_000
#: What is nested more deeply is compared as a whole: Python counts the calls that are within one another.
_LEVELS = 50


def diff_data(before: Any, after: Any) -> tuple[Change, ...]:
    """The differences of two JSON values. Lists are aligned first, so that one inserted element is one difference,
    also where each element after it counts lines or pages.

    An index in a path counts in `after`, and in `before` for what was removed.
    """
    return tuple(_diff("$", before, after))


def diff_files(before: Iterable[AttachedFile], after: Iterable[AttachedFile]) -> tuple[Change, ...]:
    """The differences of two lists of attached files by path; each side shows digest and size."""
    old = {file.path: {"digest": file.digest, "size": file.size} for file in before}
    new = {file.path: {"digest": file.digest, "size": file.size} for file in after}
    return tuple(_by_key(old, new, lambda path: path, None))


def _diff(path: str, before: Any, after: Any, levels: int = _LEVELS) -> Iterator[Change]:
    if levels and isinstance(before, dict) and isinstance(after, dict):
        yield from _by_key(before, after, lambda key: path + _step(key), levels - 1)
    elif levels and isinstance(before, list) and isinstance(after, list):
        yield from _lists(path, before, after, levels - 1)
    elif _text(before) != _text(after):
        yield Change(path, ChangeKind.CHANGED, before, after)


def _by_key(
    old: dict[str, Any], new: dict[str, Any], name: Any, levels: int | None
) -> Iterator[Change]:
    """Without `levels` what has the same key is compared as a whole."""
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield Change(name(key), ChangeKind.REMOVED, before=old[key])
        elif key not in old:
            yield Change(name(key), ChangeKind.ADDED, after=new[key])
        elif levels is not None:
            yield from _diff(name(key), old[key], new[key], levels)
        elif old[key] != new[key]:
            yield Change(name(key), ChangeKind.CHANGED, old[key], new[key])


def _lists(path: str, before: list[Any], after: list[Any], levels: int) -> Iterator[Change]:
    for i, j in _paired(before, after):
        if i is not None and j is not None:
            yield from _diff(f"{path}[{j}]", before[i], after[j], levels)
        elif i is not None:
            yield Change(f"{path}[{i}]", ChangeKind.REMOVED, before=before[i])
        elif j is not None:
            yield Change(f"{path}[{j}]", ChangeKind.ADDED, after=after[j])


def _paired(before: list[Any], after: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Which elements of two lists to compare with each other; None where one has no counterpart."""
    old, new = _marks(before, after)
    i = j = 0
    end = range(len(before), len(before)), range(len(after), len(after))
    for gap_old, gap_new in [*_aligned(old, new), end]:
        same = gap_old.start - i
        yield from zip(range(i, i + same), range(j, j + same), strict=True)
        yield from zip_longest(gap_old, gap_new)
        i, j = gap_old.stop, gap_new.stop


def _marks(before: list[Any], after: list[Any]) -> tuple[list[str], list[str]]:
    """What tells the elements of two lists apart: all that is in them, or all but the numbers.

    In a list where each element counts lines, all would differ after one that was cut, and some be taken for others.
    Where it is the numbers that tell elements apart, nothing is left out.
    """
    whole = [_text(item) for item in before], [_text(item) for item in after]
    bare = (
        [_text(_without_numbers(item)) for item in before],
        [_text(_without_numbers(item)) for item in after],
    )
    if all(2 * len({*some}) >= len({*full}) for some, full in zip(bare, whole, strict=True)):
        return bare
    return whole


def _without_numbers(value: Any, levels: int = _LEVELS) -> Any:
    """The value with its numbers left out, all through; of a value that is a number nothing would be left."""
    left = levels - 1
    if levels and isinstance(value, dict):
        return {k: _without_numbers(v, left) for k, v in value.items() if not _is_number(v)}
    if levels and isinstance(value, list):
        return [_without_numbers(each, left) for each in value if not _is_number(each)]
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[range, range]]:
    """The index ranges where two lists differ."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = range(start, len(before) - end), range(start, len(after) - end)
    had, has = Counter(before[start : old.stop]), Counter(after[start : new.stop])
    if sum(count * has[text] for text, count in had.items()) > _ALIGN_LIMIT:
        yield old, new
        return
    matcher = SequenceMatcher(
        None, before[start : old.stop], after[start : new.stop], autojunk=False
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            yield old[i1:i2], new[j1:j2]


def _text(value: Any) -> str:
    # As text, because in Python 1 == True == 1.0, and in JSON they differ.
    return json.dumps(value, sort_keys=True)


def _step(key: str) -> str:
    return f".{key}" if _PLAIN_KEY.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"
