"""From the index and all scene reports to the strip board: a row for each scene in script order, and totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.model.module_result import ModuleResult, Output

from .shared.page_layout import pages_text

#: A scene that goes on at such a time plays by the light of the one before it.
_SAME_LIGHT = frozenset({"CONTINUOUS", "CONTINUING", "SAME", "SAME TIME", "MOMENTS LATER"})


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Raises ModuleFailed when the index names a scene without a report (a hand-edited index can)."""
    reports = {scene_id: given.data for scene_id, given in inputs["scene_reports"].items()}
    rows: list[dict[str, Any]] = []
    light: str | None = None
    for place in inputs["scene_index"].data["scenes"]:
        report = reports.get(place["id"])
        if report is None:
            raise ModuleFailed(
                f"scene_index names {place['id']}, of which there is no scene_report: "
                "take it out of the index, or release the index so that breakdown can make it anew"
            )
        if report["time_of_day"] not in _SAME_LIGHT:
            light = report["day_night"]
        rows.append(_row(place, report, light))
    return ModuleResult(
        outputs={
            "strip_board": Output(
                data={"rows": rows, "totals": _totals(rows)},
                intent="Give a schedule its raw material on one sheet.",
                rationale="Scenes that continue the one before take its day or night.",
            )
        }
    )


def _row(place: Mapping[str, Any], report: Mapping[str, Any], light: str | None) -> dict[str, Any]:
    return {
        "ordinal": place["ordinal"],
        "number": place["number"],
        "scene": place["id"],
        "heading": report["heading"],
        "int_ext": report["int_ext"],
        "location": report["location"],
        "day_night": light,
        "eighths": report["eighths"],
        "pages": pages_text(report["eighths"]),
        "speakers": [speaker["name"] for speaker in report["speakers"]],
    }


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    eighths = sum(row["eighths"] for row in rows)
    where = Counter(row["int_ext"] for row in rows)
    when = Counter(row["day_night"] for row in rows)
    return {
        "scenes": len(rows),
        "eighths": eighths,
        "pages": pages_text(eighths),
        **{place: where[place] for place in ("interior", "exterior", "both")},
        **{light: when[light] for light in ("day", "night")},
    }
