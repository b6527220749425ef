"""Where in the source everything stands: people, places, props, in the order in which the script brings them.

Bibles and reports know nothing of position, so that an insertion leaves them alone. Here is all that does depend on it:
the lines of the source, first mentions, first and last lines, the numbers of scenes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .shared.csv_table import csv_bytes
from .shared.elements_of_reports import CATEGORY_TITLES, elements_in

Place = Mapping[str, Any]
_COLUMNS = ["kind", "id", "name", "what", "ordinal", "scene", "source_line", "quote"]
_QUOTED = ("first_mention", "first_line", "last_line", "first_seen")


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Scenes that the index does not name (a hand-edited index may leave some out) are left out here too."""
    places = {place["id"]: place for place in inputs.one("scene_index").data["scenes"]}
    bibles = {entity: given.data for entity, given in inputs.many("character_bibles").items()}
    characters = [_character(entity, bible, places) for entity, bible in bibles.items()]
    reports = inputs.many("scene_reports")
    locations = [
        _location(entity, given.data, places)
        for entity, given in inputs.many("location_bibles").items()
    ]
    found = {
        "characters": _in_order(characters),
        "locations": _in_order(locations),
        "props": _in_order(_props(reports, places)),
        "elements": _elements(reports, places),
    }
    context.attach("cross_reference.csv", csv_bytes(_COLUMNS, _cells(found)))
    return ModuleResult(
        outputs={
            "cross_reference": Output(
                data=found,
                files=("cross_reference.csv",),
                intent="Find every first, last and quote in the source.",
                rationale="Gathered from bibles and reports; lines are those of the source, by the scene index.",
            )
        }
    )


def _character(
    entity: str, bible: Mapping[str, Any], places: Mapping[str, Place]
) -> dict[str, Any]:
    scenes = [row for row in bible["scenes"] if row["scene"] in places]
    return {
        "id": entity,
        "name": bible["name"],
        "scenes": _scenes(scenes, places),
        "speeches": bible["totals"]["speeches"],
        "words": bible["totals"]["words"],
        "first_mention": min(_quotes(scenes, "first_mention", places), key=_line, default=None),
        "first_line": min(_quotes(scenes, "first_line", places), key=_line, default=None),
        "last_line": max(_quotes(scenes, "last_line", places), key=_line, default=None),
        "evidence": _all_quotes(scenes, places),
    }


def _location(entity: str, bible: Mapping[str, Any], places: Mapping[str, Place]) -> dict[str, Any]:
    scenes = [row for row in bible["scenes"] if row["scene"] in places]
    headings = [
        _evidence(places[row["scene"]], {"offset": 0, "text": row["heading"]}) for row in scenes
    ]
    return {
        "id": entity,
        "name": bible["name"],
        "scenes": _scenes(scenes, places),
        "words": bible["totals"]["words"],
        "first_seen": min(headings, key=_line, default=None),
        "first_line": min(_quotes(scenes, "first_line", places), key=_line, default=None),
        "last_line": max(_quotes(scenes, "last_line", places), key=_line, default=None),
        "evidence": _all_quotes(scenes, places),
    }


def _all_quotes(
    scenes: Sequence[Mapping[str, Any]], places: Mapping[str, Place]
) -> list[dict[str, Any]]:
    """Everything that the bible quotes, each line of the source once, in the order of the source."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for row in scenes:
        single = (row.get(field) for field in ("first_mention", "first_line", "last_line"))
        for quote in (*single, *row.get("mentions", ())):
            if quote:
                evidence = _evidence(places[row["scene"]], quote)
                found[evidence["line"], evidence["text"]] = evidence
    return sorted(found.values(), key=_line)


def _quotes(
    scenes: Sequence[Mapping[str, Any]], field: str, places: Mapping[str, Place]
) -> list[dict[str, Any]]:
    return [_evidence(places[row["scene"]], row[field]) for row in scenes if row[field]]


def _props(reports: Mapping[str, Any], places: Mapping[str, Place]) -> list[dict[str, Any]]:
    seen: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for scene, given in reports.items():
        for prop in given.data["props"] if scene in places else ():
            quote = {"offset": prop["offset"], "text": prop["quote"]}
            seen[prop["name"]].append({"scene": scene, **_evidence(places[scene], quote)})
    return [
        {
            "name": name,
            "scenes": _scenes(evidence, places),
            "first_seen": min(evidence, key=_line),
        }
        for name, evidence in seen.items()
    ]


def _elements(reports: Mapping[str, Any], places: Mapping[str, Place]) -> list[dict[str, Any]]:
    """By category as on a breakdown sheet, then as the script brings them; of one thing's spellings the first."""
    seen: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    unsure: dict[tuple[str, str], bool] = {}
    names: dict[tuple[str, str], str] = {}
    for place in sorted((place for place in places.values() if place["id"] in reports), key=_line):
        for each in elements_in(reports[place["id"]].data):
            key = each["category"], " ".join(each["name"].casefold().split())
            names.setdefault(key, each["name"])
            unsure[key] = unsure.get(key, True) and each["to_check"]
            quote = {"offset": each["offset"], "text": each["quote"]}
            seen[key].append({"scene": place["id"], **_evidence(place, quote)})
    order = list(CATEGORY_TITLES)
    return [
        {
            "category": key[0],
            "name": names[key],
            "to_check": unsure[key],
            "scenes": _scenes(evidence, places),
            "first_seen": min(evidence, key=_line),
        }
        for key, evidence in sorted(seen.items(), key=lambda item: order.index(item[0][0]))
    ]


def _scenes(rows: Sequence[Mapping[str, Any]], places: Mapping[str, Place]) -> list[dict[str, Any]]:
    standing = sorted((places[scene] for scene in {row["scene"] for row in rows}), key=_line)
    return [{"scene": place["id"], **_numbers(place)} for place in standing]


def _numbers(place: Place) -> dict[str, Any]:
    return {field: place[field] for field in ("ordinal", "number", "line")}


def _evidence(place: Place, quote: Mapping[str, Any]) -> dict[str, Any]:
    """`{scene, ordinal, number, line, text}`: the line is that of the source."""
    line = place["line"] + quote["offset"]
    return {"scene": place["id"], **_numbers(place), "line": line, "text": quote["text"]}


def _line(evidence: Mapping[str, Any]) -> int:
    line: int = evidence["line"]
    return line


def _in_order(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the first scene; those in none at the end; then by name."""
    return sorted(
        rows,
        key=lambda row: (not row["scenes"], [s["line"] for s in row["scenes"]][:1], row["name"]),
    )


def _cells(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[list[Any]]:
    return [
        [
            row.get("category") or kind[:-1],
            row.get("id"),
            row["name"],
            what,
            at["ordinal"],
            at["scene"],
            at["line"],
            at["text"],
        ]
        for kind, rows in found.items()
        if kind != "props"  # they are among the elements
        for row in rows
        for what in _QUOTED
        if (at := row.get(what))
    ]
