"""From a `location` and the reports of its scenes to its bible: when, who, how much is spoken, what stands there.

As in a character's bible, quotes carry their line below the scene's heading; lines of the source stand in
`cross_reference`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .shared.entity_order import by_number
from .shared.tally import Together, sums

_OF_SCENE = ("heading", "sublocations", "int_ext", "time_of_day", "day_night", "eighths", "opening")
_PLACES = ("interior", "exterior", "both")


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Scenes come by their ids."""
    location = inputs.one("location").data
    reports = {scene: given.data for scene, given in inputs.many("scene_reports").items()}
    characters = Together()
    props: dict[str, list[str]] = defaultdict(list)
    parts: dict[str, list[str]] = defaultdict(list)
    scenes = []
    for scene in sorted(reports, key=by_number):
        report = reports[scene]
        scenes.append(_scene(scene, report))
        for row in report["characters"]:
            amounts = {"speeches": row["speeches"], "words": row["words"]}
            characters.add(row["id"], row["name"], scene, **amounts)
        for prop in report["props"]:
            props[prop["name"]].append(scene)
        for part in dict.fromkeys(report["sublocations"]):
            parts[part].append(scene)
    bible = {
        "name": location["name"],
        "sublocations": _named(parts),
        "scenes": scenes,
        "characters": characters.rows(),
        "props": _named(props),
        "totals": {
            "scenes": len(scenes),
            **{place: _count(scenes, "int_ext", place) for place in _PLACES},
            **{light: _count(scenes, "day_night", light) for light in ("day", "night")},
            **sums(scenes, "eighths", "words"),
        },
    }
    return ModuleResult(
        outputs={
            "location_bible": Output(
                data=bible,
                intent="Gather all that the script shows of a place.",
                rationale=f"Read from the reports of {len(scenes)} scenes, and no others.",
            )
        }
    )


def _scene(scene: str, report: Mapping[str, Any]) -> dict[str, Any]:
    spoken = [
        {"character": row["id"], **row[which]}
        for row in report["characters"]
        for which in ("first_line", "last_line")
        if row[which]
    ]
    spoken.sort(key=lambda line: line["offset"])
    return {
        "scene": scene,
        **{field: report[field] for field in _OF_SCENE},
        "characters": sorted(row["id"] for row in report["characters"]),
        "words": report["dialogue_words"],
        "first_line": spoken[0] if spoken else None,
        "last_line": spoken[-1] if spoken else None,
    }


def _named(scenes_of: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    return [{"name": name, "scenes": scenes} for name, scenes in sorted(scenes_of.items())]


def _count(scenes: list[dict[str, Any]], field: str, value: str) -> int:
    return sum(row[field] == value for row in scenes)
