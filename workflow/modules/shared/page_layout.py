"""How much of a printed page elements take, in the usual layout of a screenplay.

Courier 12 on letter paper: 55 lines a page; at most 61 characters a line for action and headings, 35 for dialogue,
25 for parentheticals, 38 for cues, and 28 in each column of a dual dialogue. One blank line stands after every
block (a heading, a paragraph of action, a whole speech). Notes, sections and synopses are not printed. Where a Final
Draft file says otherwise (`spacing`, `width`, `space_before` of an element), it is followed.
Lengths in eighths of a page, as the trade counts them, are rounded up; every scene has at least one. A page is
taken for a minute.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

LINES_A_PAGE = 55
DUAL_WIDTH = 28
_WIDTHS = {"dialogue": 35, "lyrics": 35, "parenthetical": 25, "character": 38}
_FULL_WIDTH = 61
_NOT_PRINTED = frozenset({"note", "section", "synopsis", "page_break"})
_SPEECH = frozenset({"character", "dialogue", "parenthetical", "lyrics"})

Element = Mapping[str, Any]


def scene_lines(scene: Mapping[str, Any]) -> int:
    """Printed lines of a scene: its heading, its elements, a blank line for each block. A file may set its headings
    apart by more (`space_before`) and its acts (`space_behind`), which counts to the scene; what stands behind the end
    of an act does not."""
    inside = takewhile(lambda element: not element.get("ends_act"), scene["elements"])
    behind: float = scene.get("space_behind", 0)
    return heading_lines(scene) + printed_lines(list(inside)) + math.ceil(behind)


def heading_lines(scene: Mapping[str, Any]) -> int:
    """Printed lines of a scene's heading, with the blank ones before it."""
    before: float = scene.get("space_before", 1)
    return math.ceil(wrapped_lines(scene["heading"], _FULL_WIDTH) + before)


def section_lines(section: Element) -> float:
    """Lines that the heading of an act or a part takes in a file that prints it."""
    lines = wrapped_lines(section["text"], _FULL_WIDTH) * section.get("spacing", 1)
    room: float = lines + section.get("space_before", 1)
    return room


def printed_lines(elements: Sequence[Element]) -> int:
    """Printed lines of some elements; the two sides of a dual dialogue stand beside each other."""
    total = 0
    left_side: int | None = None
    for block in _blocks(elements):
        lines = _block_lines(block)
        if not block[0].get("dual"):
            left_side = None
            total += lines
        elif left_side is None:
            left_side = lines
            total += lines
        else:
            total += max(0, lines - left_side)
            left_side = None
    return total


def eighths(lines: int, page_lines: float = LINES_A_PAGE) -> int:
    """Lines as eighths of a page: rounded up, at least one."""
    return max(1, math.ceil(lines * 8 / page_lines))


def minutes(lines: int, page_lines: float = LINES_A_PAGE) -> float:
    """Estimated running time in minutes, to a hundredth."""
    return round(lines / page_lines, 2)


def pages_text(count: int) -> str:
    """Eighths as they stand on a strip board: `1 3/8`, `4/8`, `2`."""
    whole, rest = divmod(count, 8)
    return (
        " ".join(
            part for part in (str(whole) if whole else "", f"{rest}/8" if rest else "") if part
        )
        or "0"
    )


def wrapped_lines(text: str, width: int) -> int:
    """Lines that a text takes when broken between words (within a word only if it is longer than a line)."""
    return sum(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> int:
    count, column = 1, 0
    for word in line.split():
        needed = len(word) if column == 0 else column + 1 + len(word)
        if needed <= width:
            column = needed
            continue
        count += (column > 0) + (len(word) - 1) // width
        column = (len(word) - 1) % width + 1
    return count


def _block_lines(block: Sequence[Element]) -> int:
    """A block with its blank line; a file may say other than that, in lines and parts of them."""
    lines: float = sum(_element_lines(element) * element.get("spacing", 1) for element in block)
    lines += block[0].get("space_before", 1)
    lines += sum(element.get("space_before", 0) for element in block[1:])
    return math.ceil(lines)


def _element_lines(element: Element) -> int:
    kind = element["type"]
    usual = _WIDTHS.get(kind, _FULL_WIDTH)
    width = DUAL_WIDTH if element.get("dual") else element.get("width", usual)
    text = element["text"]
    for extension in element.get("extensions", ()):
        text += f" ({extension})"
    return wrapped_lines(text, width if "width" in element else min(width, usual))


def _blocks(elements: Sequence[Element]) -> list[list[Element]]:
    """Speeches from their cue on; everything else by itself. What is not printed is left out."""
    blocks: list[list[Element]] = []
    for element in elements:
        kind = element["type"]
        if kind in _NOT_PRINTED:
            continue
        spoken_on = kind in _SPEECH and kind != "character"
        if spoken_on and blocks and blocks[-1][0]["type"] == "character":
            blocks[-1].append(element)
        else:
            blocks.append([element])
    return blocks
