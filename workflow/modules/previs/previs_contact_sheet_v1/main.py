"""From a scene's shots and their frames to one sheet that shows them all."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .shared.shot_order import in_order
from .sheet import Picture, Row, sheet_html

SHEET = "contact_sheet.html"


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Raises ModuleFailed when the shot list names a shot that does not exist (a hand-edited list can)."""
    heading = inputs.one("scene").data["heading"]
    frames = sorted(inputs.many("frames").items(), key=lambda frame: frame[1].data["at_seconds"])
    rows = [
        Row(
            shot_id,
            shot,
            [
                Picture(
                    frame_id,
                    given.data["at_seconds"],
                    given.files[given.data["image"]].read_bytes(),
                )
                for frame_id, given in frames
                if frame_id.startswith(f"{shot_id}.")
            ],
        )
        for shot_id, shot in in_order(inputs.one("shot_list").data, inputs.many("shots"))
    ]
    page = sheet_html(heading, rows)
    data = {
        "heading": heading,
        "sheet": SHEET,
        "seconds": sum(row.shot["seconds"] for row in rows),
        "shots": [
            {"shot": row.shot_id, "frames": [picture.frame_id for picture in row.pictures]}
            for row in rows
        ],
    }
    output = Output(
        data=data,
        intent="Let a person judge a scene at a glance.",
        rationale="All frames of the scene, in the order of its shot list.",
        files=(context.attach(SHEET, page.encode()),),
    )
    return ModuleResult(outputs={"contact_sheet": output})
