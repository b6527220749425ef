"""From the board, the schedule and all scene reports to the breakdown sheets: one HTML file, a scene a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .fit import layout_of
from .shared.elements_of_reports import CATEGORY_TITLES, elements_in
from .shared.film_title import film_title
from .shared.page_templates import template_environment

_FILE = "breakdown_sheets.html"
_HERE = Path(__file__).parent
_INT_EXT = {"interior": "INT", "exterior": "EXT", "both": "INT/EXT", None: "–"}


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """A sheet for each scene that is shot, in script order."""
    board, schedule = inputs.one("strip_board").data, inputs.one("one_liner").data
    title = film_title(inputs.one("script").data)
    members = {member["id"]: member for member in board["cast"]}
    days = {row["scene"]: day for day in schedule["days"] for row in day["scenes"]}
    reports = inputs.many("scene_reports")
    sheets = [
        _sheet(row, reports[row["scene"]].data, members, days)
        for row in board["rows"]
        if not row.get("omitted") and row["scene"] in reports
    ]
    template = template_environment(_HERE).get_template("sheets.html.j2")
    html = template.render(title=title, sheets=sheets)
    context.attach(_FILE, html.encode())
    return ModuleResult(
        outputs={
            "breakdown_sheets": Output(
                data={
                    "title": title,
                    "file": _FILE,
                    "sheets": len(sheets),
                    "to_check": sum(
                        each["to_check"]
                        for sheet in sheets
                        for _, them in sheet["boxes"]
                        for each in them
                    ),
                },
                files=(_FILE,),
                intent="Give each department its page of each scene.",
                rationale="Each scene that is shot, with the elements of its report; those found by a word alone are"
                " to be checked.",
            )
        }
    )


def _sheet(
    row: Mapping[str, Any],
    report: Mapping[str, Any],
    members: Mapping[str, Any],
    days: Mapping[str, Any],
) -> dict[str, Any]:
    boxes: dict[str, list[dict[str, Any]]] = {name: [] for name in CATEGORY_TITLES}
    for each in elements_in(report):
        boxes[each["category"]].append(each)
    day = days.get(row["scene"])
    people = [f"{members[who]['number']}. {members[who]['name']}" for who in row["cast"]]
    people += [f"{members[who]['number']}. {members[who]['name']} (voice)" for who in row["voices"]]
    people += [each["name"] for each in boxes.pop("cast")]
    listed = [("Cast", [{"name": name, "to_check": False} for name in people])]
    listed += [(CATEGORY_TITLES[name], them) for name, them in boxes.items()]
    sheet = {
        **row,
        "label": row["number"] or str(row["ordinal"]),
        "place": _INT_EXT[row["int_ext"]],
        "set": " - ".join([*filter(None, [row["location"]]), *row["sublocations"]])
        or row["heading"],
        "shooting_day": day
        and (f"{day['day']} ({day['date']})" if day.get("date") else day["day"]),
        "boxes": listed,
    }
    shown = [
        [f"{each['name']}{' (to check)' if each['to_check'] else ''}" for each in them]
        for _, them in listed
    ]
    return {**sheet, **layout_of(sheet, shown)}
