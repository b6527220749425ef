"""From the board, the schedule and the cross-reference to one HTML page that prints on A4 and Letter alike.

The page is one file: no script, no picture, no font from anywhere else. Strips have the customary colours (interior day
white, exterior day yellow, interior night blue, exterior night green) and say the same in words, for printers without.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .lists import calendar, elements, locations, scenes_with, script_days
from .shared.elements_of_reports import CATEGORY_TITLES
from .shared.film_title import film_title, on_title_page
from .shared.page_layout import pages_text
from .shared.page_templates import template_environment

_PAGE = "strip_board.html"
_HERE = Path(__file__).parent
_INT_EXT = {"interior": "INT", "exterior": "EXT", "both": "I/E", None: "–"}
_DAY_NIGHT = {"day": "Day", "night": "Night", "dusk/dawn": "Magic", None: "–"}
_LONGEST_QUOTE = 160


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Always gives a page, titled by the script's title page, if any."""
    given = {name: inputs.one(name).data for name in inputs}
    board, schedule = given["strip_board"], given["one_liner"]
    title = film_title(given["script"])
    index, days = given["scene_index"], given["day_out_of_days"]
    html = (
        _environment(board)
        .get_template("page.html.j2")
        .render(
            title=title,
            credit=on_title_page(given["script"], "credit", "author"),
            board=board,
            schedule=schedule,
            number_of={member["id"]: member["number"] for member in board["cast"]},
            calendar=list(calendar(days, params["days_a_table"])),
            works={row["id"]: row["work"] for row in days["rows"]},
            scenes_with=scenes_with(board),
            places=locations(board, schedule),
            story=script_days(board),
            elements=elements(given["cross_reference"]),
            warnings=[*given["script"].get("warning_groups", ()), *index.get("warnings", ())],
            renamed=index.get("renamed", ()),
        )
    )
    context.attach(_PAGE, html.encode())
    return ModuleResult(
        outputs={
            "board_page": Output(
                data={
                    "title": title,
                    "file": _PAGE,
                    "scenes": board["totals"]["scenes"],
                    "days": schedule["totals"]["days"],
                    **{kind: len(rows) for kind, rows in given["cross_reference"].items()},
                    "pages": board["totals"]["pages"],
                },
                files=(_PAGE,),
                intent="Give people all of it on paper.",
                rationale="Laid out from the strip board, the schedule, the day-out-of-days and the cross reference;"
                " nothing on it is decided here.",
            )
        }
    )


def _environment(board: Mapping[str, Any]) -> Environment:
    """The filters of the template; scenes and cast are numbered as on the board."""
    environment = template_environment(_HERE)
    # Its own numbers and places in the script must not be taken for one another.
    own = any(row["number"] for row in board["rows"])
    numbers = {member["id"]: member["number"] for member in board["cast"]}

    def scene_number(row: Mapping[str, Any]) -> str:
        return row["number"] or (f"({row['ordinal']})" if own else str(row["ordinal"]))

    environment.filters.update(
        int_ext=_INT_EXT.__getitem__,
        day_night=_DAY_NIGHT.__getitem__,
        strip=_strip,
        numbers=lambda ids: ", ".join(str(numbers[entity]) for entity in ids),
        shortened=_shortened,
        scene_numbers=lambda scenes: ", ".join(map(scene_number, scenes)),
        scene_number=scene_number,
        pages=pages_text,
        category=CATEGORY_TITLES.__getitem__,
        long_date=lambda day: f"{date.fromisoformat(day):%a %d %b %Y}",
        short_date=lambda day: f"{date.fromisoformat(day):%d.%m.}",
    )
    return environment


def _strip(row: Mapping[str, Any]) -> str:
    """The class of a strip's colour. A scene inside and out is coloured as one outside."""
    if row["day_night"] == "dusk/dawn":
        return "twilight"
    if row["day_night"] is None or row["int_ext"] is None:
        return "unknown"
    return f"{'interior' if row['int_ext'] == 'interior' else 'exterior'}-{row['day_night']}"


def _shortened(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) <= _LONGEST_QUOTE:
        return plain
    return plain[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
