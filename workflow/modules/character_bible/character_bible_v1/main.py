"""From a `character` and the reports of their scenes to their bible: where, with whom, how much, in which words.

Quotes carry their line below the scene's heading, because a line of the source would change with every insertion above
it, and the bible of everybody after it with it. Lines of the source, and what is first and last in the whole
script, stand in `cross_reference`.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Any

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .shared.entity_order import by_number
from .shared.tally import Together, sums

_OF_SCENE = ("heading", "location_id", "location", "int_ext", "time_of_day", "day_night", "eighths")
_QUOTES = ("first_mention", "first_line", "last_line", "mentions")
_OF_PERSON = ("presence", "speeches", "words", *_QUOTES)
_PRESENCES = ("speaks", "voice", "silent")
#: Of more others in a scene than these only the most talkative are named. If everybody named everybody, the bibles of a
#: crowd of 1,500 would hold two million names.
CROWD = 50


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Scenes come by their ids. A report that does not list the character (any more) is passed over."""
    character = inputs.one("character").data
    reports = {scene: given.data for scene, given in inputs.many("scene_reports").items()}
    scenes: list[dict[str, Any]] = []
    companions, locations = Together(), Together()
    for scene in sorted(reports, key=by_number):
        report = reports[scene]
        own = [row for row in report["characters"] if row["id"] == context.entity_id]
        if not own:
            continue
        others = [row for row in report["characters"] if row["id"] != context.entity_id]
        named = heapq.nsmallest(CROWD, others, key=_talkative)
        scenes.append(_scene(scene, report, own[0], named, len(others) - len(named)))
        for row in named:
            companions.add(row["id"], row["name"], scene)
        if report["location_id"]:
            locations.add(report["location_id"], report["location"], scene)
    bible = {
        "name": character["name"],
        "extensions": character["extensions"],
        "scenes": scenes,
        "with": companions.rows(),
        "locations": locations.rows(),
        "totals": {
            "scenes": len(scenes),
            **{kind: sum(row["presence"] == kind for row in scenes) for kind in _PRESENCES},
            **sums(scenes, "speeches", "words", "eighths"),
        },
    }
    return ModuleResult(
        outputs={
            "character_bible": Output(
                data=bible,
                intent="Gather all that the script shows of a character.",
                rationale=f"Read from the reports of {len(scenes)} scenes, and no others.",
            )
        }
    )


def _talkative(row: Mapping[str, Any]) -> tuple[int, int, str]:
    """Sorts those first who speak most often."""
    return -row["speeches"], -row["words"], row["id"]


def _scene(
    scene: str,
    report: Mapping[str, Any],
    own: Mapping[str, Any],
    named: list[dict[str, Any]],
    more: int,
) -> dict[str, Any]:
    return {
        "scene": scene,
        **{field: report[field] for field in _OF_SCENE},
        **{field: own[field] for field in _OF_PERSON},
        "with": sorted(row["id"] for row in named),
        **({"and_more": more} if more else {}),
    }
