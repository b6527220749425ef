"""All that depends on where a scene stands: order, numbers, source lines, sections, pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .shared.page_layout import LINES_A_PAGE, printed_lines, scene_lines
from .split import Script


def index_of(script: Script, scene_ids: Sequence[str]) -> dict[str, Any]:
    """The payload of `scene_index`; `start_eighths` counts full eighths of a page before a scene."""
    rows: list[dict[str, Any]] = []
    lines = _after(0, None, script.front_matter)
    for ordinal, (scene_id, scene) in enumerate(zip(scene_ids, script.scenes, strict=True), 1):
        rows.append(
            {
                "id": scene_id,
                "ordinal": ordinal,
                "number": scene.number,
                "line": scene.line,
                "sections": scene.sections,
                "start_eighths": lines * 8 // LINES_A_PAGE,
            }
        )
        lines = _after(lines, scene.payload["heading"], scene.payload["elements"])
    return {"front_matter": script.front_matter, "sections": script.sections, "scenes": rows}


def _after(lines: int, heading: str | None, elements: Sequence[dict[str, Any]]) -> int:
    """Printed lines of the script after some more of it; a page break fills up its page."""
    stretch: list[dict[str, Any]] = []
    if heading is not None:
        lines += scene_lines(heading, [])
    for element in elements:
        if element["type"] == "page_break":
            lines += printed_lines(stretch)
            lines = -(-lines // LINES_A_PAGE) * LINES_A_PAGE
            stretch = []
        else:
            stretch.append(element)
    return lines + printed_lines(stretch)
