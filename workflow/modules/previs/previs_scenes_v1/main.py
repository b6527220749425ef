"""From the scenes of a screenplay to those to be previsualised, under the same ids, and their order."""

from __future__ import annotations

from cineforge import (
    Inputs,
    ModuleContext,
    ModuleFailed,
    ModuleResult,
    Output,
    Params,
    ProjectValues,
    suggestion,
)

from .beats import beats_of


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Raises ModuleFailed when `only` or the index names a scene that does not exist."""
    scenes = {scene_id: given.data for scene_id, given in inputs.many("scenes").items()}
    only = params["only"]
    for wanted in only:
        if wanted not in scenes:
            hint = suggestion(wanted, sorted(scenes))
            raise ModuleFailed(f"'only' names '{wanted}', which is no scene: {hint}")
    order = [
        {"id": row["id"], "number": row["number"]}
        for row in inputs.one("scene_index").data["scenes"]
        if not only or row["id"] in only
    ]
    for row in order:
        if row["id"] not in scenes:
            raise ModuleFailed(
                f"scene_index names {row['id']}, which is no scene: take it out of the index, or release"
                " the index so that the screenplay recipe can make it anew"
            )
    context.log.info("%d of %d scenes", len(order), len(scenes))
    return ModuleResult(
        outputs={
            "previs_scene": {
                row["id"]: Output(
                    data={
                        "heading": scenes[row["id"]]["heading"],
                        "beats": beats_of(scenes[row["id"]]["elements"]),
                    },
                    intent="Hold what can be seen and heard; notes and marks change no picture.",
                    rationale="What the scene tells and who speaks in it, in its order.",
                    made_from=(f"scenes/{row['id']}",),
                )
                for row in order
            },
            "previs_order": Output(
                data={"scenes": order},
                intent="Keep order and numbers out of the scenes.",
                rationale="The order of the scene index"
                + (", of the scenes that 'only' names." if only else "."),
                made_from=("scene_index",),
            ),
        }
    )
