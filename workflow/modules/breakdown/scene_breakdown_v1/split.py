"""Cuts the element list of a script at its scene headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .shared.character_names import plain_name
from .shared.page_layout import section_lines

#: What a scene does not keep in its elements: it changes without the scene, or stands elsewhere in it.
_OF_THE_PLACE = frozenset({"line", "revised", "tags"})
_SPOKEN = frozenset({"dialogue", "parenthetical", "lyrics"})


@dataclass
class ScenePart:
    """One scene: its payload, and beside it what belongs to its place in the script."""

    payload: dict[str, Any]
    line: int
    number: str | None
    sections: list[str]
    #: Ids of revisions, once for each element that they changed.
    revised: list[int] = field(default_factory=list)


@dataclass
class Script:
    """A script in parts. A synopsis or note right after a section heading belongs to the section."""

    front_matter: list[dict[str, Any]] = field(default_factory=list)
    sections: list[dict[str, Any]] = field(default_factory=list)
    scenes: list[ScenePart] = field(default_factory=list)


def split_script(elements: Sequence[dict[str, Any]]) -> Script:
    """The front matter (with source lines), the sections, the scenes (with lines relative to their heading)."""
    script = Script()
    path: list[dict[str, Any]] = []
    after_section = False
    for element in elements:
        kind = element["type"]
        if kind == "section":
            section = {"level": element["level"], "title": element["text"], "line": element["line"]}
            section["remarks"] = []
            script.sections.append(section)
            _give_room(script, element)
            path = [above for above in path if above["level"] < section["level"]] + [section]
            after_section = True
        elif after_section and kind in ("synopsis", "note"):
            script.sections[-1]["remarks"].append(dict(element))
        elif kind == "scene_heading":
            script.scenes.append(
                ScenePart(
                    payload=_begun(element),
                    line=element["line"],
                    number=element.get("number"),
                    revised=list(element.get("revised", ())),
                    sections=[section["title"] for section in path],
                )
            )
            after_section = False
        else:
            after_section = False
            _add(script, element)
    return script


def _begun(heading: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        key: heading[key]
        for key in ("omitted", "title", "length", "space_before", "page_lines")
        if key in heading
    }
    if "spacing" in heading:
        told["space_before"] = heading.get("space_before", 1) + heading["spacing"] - 1
    return {"heading": heading["text"], "elements": [], **told, "tags": _tags(heading, 0)}


def _give_room(script: Script, section: Mapping[str, Any]) -> None:
    """The heading of an act or a part that stands behind a scene takes room that Final Draft counts to the scene, up to
    the end of the act."""
    if not script.scenes or "space_before" not in section:
        return
    scene = script.scenes[-1].payload
    if not any(element.get("ends_act") for element in scene["elements"]):
        scene["space_behind"] = round(scene.get("space_behind", 0) + section_lines(section), 1)


def _tags(element: Mapping[str, Any], offset: int) -> list[dict[str, Any]]:
    """The breakdown tags of an element, each with the line it stands in."""
    lines = element["text"].split("\n")
    rows = []
    for tag in element.get("tags", ()):
        line = element["text"][: tag["start"]].count("\n")
        row = {"category": tag["category"], "name": tag["name"], "offset": offset}
        rows.append({**row, "quote": lines[line].strip()})
    return rows


def _add(script: Script, element: dict[str, Any]) -> None:
    if not script.scenes:
        script.front_matter.append(dict(element))
        return
    scene = script.scenes[-1]
    placed = {key: value for key, value in element.items() if key not in _OF_THE_PLACE}
    placed["offset"] = element["line"] - scene.line
    speaker = _speaker(scene.payload["elements"], element)
    if speaker is not None:
        placed["character"] = speaker
    scene.revised += element.get("revised", ())
    scene.payload["tags"] += _tags(element, placed["offset"])
    scene.payload["elements"].append(placed)


def _speaker(before: Sequence[dict[str, Any]], element: dict[str, Any]) -> str | None:
    if element["type"] == "character":
        return plain_name(element["text"])
    if element["type"] not in _SPOKEN:
        return None
    for earlier in reversed(before):
        if earlier["type"] != "note":
            speaker: str | None = earlier.get("character")
            return speaker
    return None
