"""From one `scene` to its report: the parts of its heading, its length, who is in it, its elements.

A report reads its scene and nothing else, so it tells first appearances within the scene; where somebody first
appears in the whole script is a matter of position, and stands in `cross_reference`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .elements import elements_of, props_in
from .people import dual_dialogues, people_of
from .said import said_script_day
from .shared.heading_words import PLAIN_ENGLISH, HeadingWords
from .shared.page_layout import LINES_A_PAGE, eighths, minutes, scene_lines
from .shared.scene_heading import heading_parts


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """What a heading does not tell is null. Raises ModuleFailed for a speaker whom the scene does not list."""
    scene = inputs.one("scene").data
    elements = scene["elements"]
    omitted = scene.get("omitted", False)
    page = scene.get("page_lines", LINES_A_PAGE)
    lines = 0 if omitted else scene_lines(scene)
    people = people_of(scene)
    found = (
        [] if scene.get("omitted") else elements_of(scene, [person["name"] for person in people])
    )
    report = {
        "heading": scene["heading"],
        "location_id": scene["location"],
        **_parts(scene),
        "lines": lines,
        "eighths": 0 if omitted else _eighths(lines, page, scene.get("length")),
        "estimated_minutes": minutes(lines, page),
        "synopsis": _first(elements, "synopsis"),
        "opening": _first(elements, "action"),
        "characters": people,
        "dialogue_words": sum(person["words"] for person in people),
        "dual_dialogues": dual_dialogues(elements),
        "elements": found,
        "said_day": said_script_day(scene),
        "props": props_in(found),
    }
    return ModuleResult(
        outputs={
            "scene_report": Output(
                data=report,
                intent="Say what a schedule needs to know of the scene.",
                rationale="Counted on the usual layout of 55 lines, or the file's own, and one minute a page; the"
                " heading read by its own words; elements as tags and notes say, or sorted by what their words are"
                " the names of.",
            )
        }
    )


def _eighths(lines: int, page: float, own: int | None) -> int:
    """Counted; but a length that Final Draft saved with the scene is what everybody has on paper, and is taken as long
    as it fits the text: a scene written on since has another."""
    counted = eighths(lines, page)
    return own if own and abs(own - counted) <= max(1, counted // 10) else counted


_PARTS = ("int_ext", "location", "sublocations", "time_of_day", "day_night")


def _parts(scene: Mapping[str, Any]) -> dict[str, Any]:
    """What the heading was read as; a scene put by hand may not tell."""
    slug = scene.get("slug") or heading_parts(scene["heading"], HeadingWords(PLAIN_ENGLISH))
    return {part: slug[part] for part in _PARTS}


def _first(elements: Sequence[Mapping[str, Any]], kind: str) -> dict[str, Any] | None:
    for element in elements:
        if element["type"] == kind:
            return {"offset": element["offset"], "text": element["text"]}
    return None
