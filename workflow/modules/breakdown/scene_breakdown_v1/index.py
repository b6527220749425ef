"""All that depends on where a scene stands: order, numbers, source lines, sections, pages, light, cast numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .marks import reach_of
from .shared.heading_words import HeadingWords
from .shared.page_layout import LINES_A_PAGE, heading_lines, printed_lines
from .split import Script


def index_of(
    script: Script,
    scene_ids: Sequence[str],
    words: HeadingWords,
    revisions: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The places of the scenes; `start_eighths` counts full eighths of a page before a scene."""
    rows: list[dict[str, Any]] = []
    first = script.scenes[0].payload if script.scenes else {}
    page = first.get("page_lines", LINES_A_PAGE)
    lines = _after(0, None, script.front_matter, page)
    reached = reach_of([scene.payload for scene in script.scenes], words)
    light: str | None = None
    for ordinal, (scene_id, scene) in enumerate(zip(scene_ids, script.scenes, strict=True), 1):
        slug = scene.payload["slug"]
        omitted = scene.payload.get("omitted", False)
        row = {
            "id": scene_id,
            "ordinal": ordinal,
            "number": scene.number,
            "line": scene.line,
            "sections": scene.sections,
            "start_eighths": int(lines * 8 // page),
            "day_night": None if omitted else slug["day_night"] or light,
            "light": None if omitted else slug["light"] or light,
            "marks": reached[ordinal - 1],
        }
        if omitted:
            row["omitted"] = True
        elif slug["day_night"] in ("day", "night"):
            light = slug["day_night"]
        if changed := _revisions(scene.revised, revisions):
            row["revisions"] = changed
        rows.append(row)
        if not omitted:
            lines = _after(lines, scene.payload, scene.payload["elements"], page)
    return {"front_matter": script.front_matter, "sections": script.sections, "scenes": rows}


def _revisions(
    revised: Sequence[int], revisions: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    counts = Counter(revised)
    known = {each["id"]: each for each in revisions}
    return [
        {
            "id": number,
            "name": known.get(number, {}).get("name", ""),
            "colour": known.get(number, {}).get("colour"),
            "elements": counts[number],
        }
        for number in sorted(counts)
    ]


def _after(
    lines: int, scene: Mapping[str, Any] | None, elements: Sequence[dict[str, Any]], page: float
) -> int:
    """Printed lines of the script after some more of it; a page break fills up its page."""
    stretch: list[dict[str, Any]] = []
    if scene is not None:
        lines += heading_lines(scene)
    for element in elements:
        if element["type"] == "page_break":
            lines += printed_lines(stretch)
            lines = math.ceil(math.ceil(lines / page) * page)
            stretch = []
        else:
            stretch.append(element)
    return lines + printed_lines(stretch)
