"""From the index and all scene reports to the strip board: a row for each scene in script order, cast and totals.

The cast is numbered as on a board: who is in most scenes is 1. Those only heard (V.O.) are listed apart: nobody
has to call them to the set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.model.module_result import ModuleResult, Output

from .cast import cast_of
from .shared.csv_table import csv_bytes
from .shared.page_layout import pages_text

#: A scene that goes on at such a time plays by the light of the one before it.
_SAME_LIGHT = frozenset({"CONTINUOUS", "CONTINUING", "SAME", "SAME TIME", "MOMENTS LATER"})
_COLUMNS = [
    *("ordinal", "number", "scene", "heading", "int_ext", "location", "day_night", "pages"),
    *("eighths", "minutes", "cast", "voices", "source_line"),
]


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Raises ModuleFailed when the index names a scene without a report (a hand-edited index can)."""
    reports = {scene_id: given.data for scene_id, given in inputs["scene_reports"].items()}
    characters = {entity: given.data for entity, given in inputs["characters"].items()}
    index = inputs["scene_index"].data["scenes"]
    for place in index:
        if place["id"] not in reports:
            raise ModuleFailed(
                f"scene_index names {place['id']}, of which there is no scene_report: "
                "take it out of the index, or release the index so that breakdown can make it anew"
            )
    cast = cast_of([reports[place["id"]] for place in index], characters)
    numbers = {member["id"]: member["number"] for member in cast}
    rows: list[dict[str, Any]] = []
    light: str | None = None
    for place in index:
        report = reports[place["id"]]
        if report["time_of_day"] not in _SAME_LIGHT:
            light = report["day_night"]
        rows.append(_row(place, report, light, numbers))
    names = {member["id"]: member["name"] for member in cast}
    context.attach("strip_board.csv", csv_bytes(_COLUMNS, (_cells(row, names) for row in rows)))
    return ModuleResult(
        outputs={
            "strip_board": Output(
                data={"rows": rows, "cast": cast, "totals": _totals(rows)},
                files=("strip_board.csv",),
                intent="Give a schedule its raw material on one sheet.",
                rationale="Scenes that continue the one before take its day or night.",
            )
        }
    )


def _row(
    place: Mapping[str, Any],
    report: Mapping[str, Any],
    light: str | None,
    numbers: Mapping[str, int],
) -> dict[str, Any]:
    people = sorted(report["characters"], key=lambda person: numbers[person["id"]])
    told = report["synopsis"] or report["opening"]
    return {
        "ordinal": place["ordinal"],
        "number": place["number"],
        "scene": place["id"],
        "line": place["line"],
        "heading": report["heading"],
        "int_ext": report["int_ext"],
        "location_id": report["location_id"],
        "location": report["location"],
        "sublocations": report["sublocations"],
        "day_night": light,
        "eighths": report["eighths"],
        "pages": pages_text(report["eighths"]),
        "estimated_minutes": report["estimated_minutes"],
        "description": " ".join(told["text"].split()) if told else "",
        "cast": [person["id"] for person in people if person["presence"] != "voice"],
        "voices": [person["id"] for person in people if person["presence"] == "voice"],
        "props": [prop["name"] for prop in report["props"]],
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
    ]


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    eighths = sum(row["eighths"] for row in rows)
    where = Counter(row["int_ext"] for row in rows)
    when = Counter(row["day_night"] for row in rows)
    return {
        "scenes": len(rows),
        "eighths": eighths,
        "pages": pages_text(eighths),
        "estimated_minutes": round(sum(row["estimated_minutes"] for row in rows), 2),
        **{place: where[place] for place in ("interior", "exterior", "both")},
        **{light: when[light] for light in ("day", "night")},
    }
