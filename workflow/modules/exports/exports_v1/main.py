"""From the board and the schedule to the files that other programs import."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .calendar_file import calendar_file
from .shared.film_title import film_title
from .tables import kitsu_assets, kitsu_casting, kitsu_shots, studiobinder
from .uss import universal_schedule


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """A calendar of the shooting days is written only if the schedule has dates."""
    board, schedule = inputs.one("strip_board").data, inputs.one("one_liner").data
    title = film_title(inputs.one("script").data)
    rows = [row for row in board["rows"] if not row.get("omitted")]
    files = {
        "kitsu_assets.csv": kitsu_assets(rows, board["cast"]),
        "kitsu_casting.csv": kitsu_casting(rows, board["cast"]),
        "kitsu_shots.csv": kitsu_shots(rows),
        "schedule.uss": universal_schedule(title, rows, board["cast"], schedule),
        "studiobinder.csv": studiobinder(rows, board["cast"]),
    }
    if any(day.get("date") for day in schedule["days"]):
        files["shooting_days.ics"] = calendar_file(title, schedule)
    for name, content in files.items():
        context.attach(name, content)
    return ModuleResult(
        outputs={
            "exports": Output(
                data={"files": sorted(files), "scenes": len(rows), "days": len(schedule["days"])},
                files=tuple(files),
                intent="Hand the breakdown on to other programs.",
                rationale="The strip board and the schedule in the columns that those programs read; omitted scenes"
                " are left out.",
            )
        }
    )
