"""From one `scene` to its report: the parts of its heading, its length, its speakers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cineforge.model.module_result import ModuleResult, Output

from .heading import heading_parts
from .shared.character_names import name_key
from .shared.page_layout import eighths, scene_lines


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Always gives a report; what a heading does not tell is null."""
    scene = inputs["scene"].data
    lines = scene_lines(scene["heading"], scene["elements"])
    speakers = _speakers(scene["elements"])
    report = {
        "heading": scene["heading"],
        **heading_parts(scene["heading"]),
        "lines": lines,
        "eighths": eighths(lines),
        "speakers": speakers,
        "dialogue_words": sum(speaker["words"] for speaker in speakers),
    }
    return ModuleResult(
        outputs={
            "scene_report": Output(
                data=report,
                intent="Say what a schedule needs to know of the scene.",
                rationale="Counted on the usual layout of 55 lines a page; the heading read by its own words.",
            )
        }
    )


def _speakers(elements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """In the order of their first speech; parentheticals are not counted as words."""
    names: dict[str, str] = {}
    speeches: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for element in elements:
        if "character" not in element:
            continue
        key = name_key(element["character"])
        names.setdefault(key, element["character"])
        if element["type"] == "character":
            speeches[key] += 1
        elif element["type"] != "parenthetical":
            words[key] += len(element["text"].split())
    return [
        {"name": name, "speeches": speeches[key], "words": words[key]}
        for key, name in names.items()
    ]
