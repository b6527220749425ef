"""From a `script` to its scenes, the characters in them, their locations, and the index of the scenes' places.

A scene's payload holds nothing that depends on where it stands, so that inserting, cutting or moving one scene
leaves the others as they are; all of that is in `scene_index`. A scene names who is in it, and so changes too when
somebody whom it only mentions is given a voice elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cineforge.model.canonical import digest_json
from cineforge.model.module_result import ModuleResult, Output
from cineforge.running.matching import Item, match_ids

from .characters import cast_of
from .index import index_of
from .locations import locations_of
from .shared.entity_order import by_number
from .split import Script, split_script


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Scenes, characters, locations by id, and the one index. Ids are those of the previous run if they match."""
    script = split_script(inputs["script"].data["elements"])
    scene_ids = _scene_ids(script, context)
    scenes = dict(zip(scene_ids, (part.payload for part in script.scenes), strict=True))
    cast = cast_of(scenes, context.previous("character"))
    locations, location_of = locations_of(scenes, context.previous("location"))
    context.log.info(
        "%d scenes, %d characters, %d locations", len(scenes), len(cast.characters), len(locations)
    )
    return ModuleResult(
        outputs={
            "scene": {
                scene_id: Output(
                    data={
                        **payload,
                        "location": location_of.get(scene_id),
                        "characters": cast.present[scene_id],
                    },
                    intent="Hold what this scene says, wherever it stands.",
                )
                for scene_id, payload in scenes.items()
            },
            "character": {
                entity: Output(data=payload, intent="Name who is in which scenes.")
                for entity, payload in cast.characters.items()
            },
            "location": {
                entity: Output(data=payload, intent="Name a place, its parts and its scenes.")
                for entity, payload in locations.items()
            },
            "scene_index": Output(
                data=index_of(script, scene_ids),
                intent="Keep order, numbers and pages out of the scenes themselves.",
            ),
        }
    )


def _scene_ids(script: Script, context: Any) -> list[str]:
    previous: Mapping[str, Any] = context.previous("scene")
    order: dict[str, int] = {}
    for index in context.previous("scene_index").values():
        order = {row["id"]: row["ordinal"] for row in index["scenes"]}
    # Of several scenes alike, the first is taken for the first: so they must come in the order they had.
    in_order = sorted(previous, key=lambda entity: (order.get(entity, 0), by_number(entity)))
    return match_ids(
        {entity: _item(previous[entity]) for entity in in_order},
        [_item(part.payload) for part in script.scenes],
        used=context.used_ids("scene"),
        prefix="scene_",
        vanished=lambda: {
            own: _item(payload) for own, payload in context.vanished("scene").items()
        },
    )


def _item(scene: Mapping[str, Any]) -> Item:
    text = "\n".join(element["text"] for element in scene["elements"])
    # Who is in it and where follows from all scenes together: it says nothing about which scene this is.
    said = {"heading": scene["heading"], "elements": scene["elements"]}
    return Item(content=digest_json(said), heading=scene["heading"], text=text)
