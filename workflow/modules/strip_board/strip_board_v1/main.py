"""From the index and all scene reports to the strip board: a row for each scene in script order, cast and totals.

Those only heard (V.O.) are listed apart: nobody has to call them to the set. An omitted scene keeps its number and its
row, and counts nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cineforge import (
    Inputs,
    ModuleContext,
    ModuleFailed,
    ModuleResult,
    Output,
    Params,
    ProjectValues,
)

from .cast import cast_of
from .script_days import script_days
from .shared.csv_table import csv_bytes
from .shared.elements_of_reports import names_by_category
from .shared.page_layout import pages_text

#: A scene that goes on at such a time plays by the light of the one before it; for an index that does not tell.
_SAME_LIGHT = frozenset({"CONTINUOUS", "CONTINUING", "SAME", "SAME TIME", "MOMENTS LATER"})
_COLUMNS = [
    *("ordinal", "number", "scene", "heading", "int_ext", "location", "day_night", "pages"),
    *("eighths", "minutes", "cast", "voices", "source_line", "script_day", "omitted", "marks"),
    "elements",
]
_LIGHTS = {"day": "day", "night": "night", "dusk_dawn": "dusk/dawn"}


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Raises ModuleFailed when the index names a scene without a report (a hand-edited index can)."""
    reports = {scene_id: given.data for scene_id, given in inputs.many("scene_reports").items()}
    characters = {entity: given.data for entity, given in inputs.many("characters").items()}
    index = inputs.one("scene_index").data
    for place in index["scenes"]:
        if place["id"] not in reports:
            raise ModuleFailed(
                f"scene_index names {place['id']}, of which there is no scene_report: "
                "take it out of the index, or release the index so that breakdown can make it anew"
            )
    numbered = index.get("cast", [])
    shot = [reports[place["id"]] for place in index["scenes"] if not place.get("omitted")]
    cast = cast_of(shot, characters, numbered)
    numbers = {member["id"]: member["number"] for member in cast}
    rows: list[dict[str, Any]] = []
    light: str | None = None
    for place in index["scenes"]:
        report = reports[place["id"]]
        if "day_night" in place:
            light = place["day_night"]
        elif report["time_of_day"] not in _SAME_LIGHT:
            light = report["day_night"]
        rows.append(_row(place, report, light, numbers))
    said = (
        {**row, **{key: reports[row["scene"]].get(key) for key in ("time_of_day", "said_day")}}
        for row in rows
    )
    for row, script_day in zip(rows, script_days(said), strict=True):
        row["script_day"] = script_day
    names = {member["id"]: member["name"] for member in cast}
    context.attach("strip_board.csv", csv_bytes(_COLUMNS, (_cells(row, names) for row in rows)))
    gone = [
        {"number": member["number"], "name": member["name"]}
        for member in numbered
        if member["id"] not in numbers
    ]
    return ModuleResult(
        outputs={
            "strip_board": Output(
                data={"rows": rows, "cast": cast, "gone": gone, "totals": _totals(rows)},
                files=("strip_board.csv",),
                intent="Give a schedule its raw material on one sheet.",
                rationale="Scenes that continue the one before take its day or night; days of the story are proposed"
                " by the light.",
            )
        }
    )


def _row(
    place: Mapping[str, Any],
    report: Mapping[str, Any],
    light: str | None,
    numbers: Mapping[str, int],
) -> dict[str, Any]:
    omitted = bool(place.get("omitted"))
    people = [] if omitted else report["characters"]
    people = sorted(people, key=lambda person: numbers[person["id"]])
    told = report["synopsis"] or report["opening"]
    eighths = 0 if omitted else report["eighths"]
    elements = {} if omitted else names_by_category(report)
    return {
        "ordinal": place["ordinal"],
        "number": place["number"],
        "scene": place["id"],
        "line": place["line"],
        "heading": report["heading"],
        "int_ext": None if omitted else report["int_ext"],
        "location_id": None if omitted else report["location_id"],
        "location": None if omitted else report["location"],
        "sublocations": [] if omitted else report["sublocations"],
        "day_night": None if omitted else light,
        "light": None if omitted else place.get("light"),
        "eighths": eighths,
        "pages": pages_text(eighths) if eighths else "0/8",
        "estimated_minutes": 0 if omitted else report["estimated_minutes"],
        "description": " ".join(told["text"].split()) if told and not omitted else "",
        "cast": [person["id"] for person in people if person["presence"] != "voice"],
        "voices": [person["id"] for person in people if person["presence"] == "voice"],
        "props": elements.get("props", []),
        "elements": elements,
        "omitted": omitted,
        "marks": [] if omitted else list(place.get("marks", [])),
        "revisions": [each["name"] or each["colour"] for each in place.get("revisions", [])],
    }


def _cells(row: Mapping[str, Any], names: Mapping[str, str]) -> list[Any]:
    return [
        row["ordinal"],
        row["number"],
        row["scene"],
        row["heading"],
        row["int_ext"],
        row["location"],
        row["day_night"],
        row["pages"],
        row["eighths"],
        row["estimated_minutes"],
        "; ".join(names[entity] for entity in row["cast"]),
        "; ".join(names[entity] for entity in row["voices"]),
        row["line"],
        row["script_day"],
        "yes" if row["omitted"] else "",
        "; ".join(row["marks"]),
        "; ".join(f"{kind}: {', '.join(them)}" for kind, them in row["elements"].items()),
    ]


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Of the scenes to be shot; the omitted are counted by themselves."""
    shot = [row for row in rows if not row["omitted"]]
    eighths = sum(row["eighths"] for row in shot)
    where = Counter(row["int_ext"] for row in shot)
    when = Counter(row["day_night"] for row in shot)
    return {
        "scenes": len(shot),
        "omitted": len(rows) - len(shot),
        "eighths": eighths,
        "pages": pages_text(eighths),
        "estimated_minutes": round(sum(row["estimated_minutes"] for row in shot), 2),
        **{place: where[place] for place in ("interior", "exterior", "both")},
        **{name: when[light] for name, light in _LIGHTS.items()},
    }
