"""From a `script` to its scenes, the characters in them, their locations, and the index of the scenes' places.

A scene's payload holds nothing that depends on where it stands, so that inserting, cutting or moving one scene
leaves the others as they are; all of that is in `scene_index`. A scene names who is in it, and so changes too when
somebody whom it only mentions is given a voice elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cineforge import (
    Inputs,
    MatchItem,
    ModuleContext,
    ModuleResult,
    Output,
    Params,
    ProjectValues,
    digest_json,
    match_ids,
)

from .aliases import Aliases, read_aliases
from .cast_numbers import numbered
from .characters import cast_of
from .doubts import doubts
from .index import index_of
from .locations import locations_of
from .marks import marks_of
from .shared.entity_order import by_number
from .shared.heading_words import PLAIN_ENGLISH, HeadingWords
from .shared.scene_heading import heading_parts, is_omitted
from .split import Script, split_script
from .unmet_aliases import unmet_aliases


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Scenes, characters, locations by id, and the one index. Ids are those of the previous run if they match.

    Raises ModuleFailed for an alias file with mistakes.
    """
    told = inputs.one("script").data
    words = HeadingWords(told.get("vocabulary", {}).get("words", PLAIN_ENGLISH))
    aliases = (
        read_aliases(context.source("aliases")) if context.has_source("aliases") else Aliases()
    )
    script = split_script(told["elements"])
    place: str | None = None
    for part in script.scenes:
        place = _read_heading(part.payload, words, place)
    scene_ids = _scene_ids(script, context)
    scenes = dict(zip(scene_ids, (part.payload for part in script.scenes), strict=True))
    numbers = {
        scene_id: part.number or str(ordinal)
        for ordinal, (scene_id, part) in enumerate(zip(scene_ids, script.scenes, strict=True), 1)
    }
    cast = cast_of(
        scenes, numbers, context.previous("character"), context.previous("scene"), words, aliases
    )
    locations, location_of, moved = locations_of(scenes, context.previous("location"), aliases)
    index = {
        **index_of(script, scene_ids, words, told.get("revisions", ())),
        "cast": numbered(cast.characters, cast.words, _cast_before(context)),
        "renamed": [*cast.renamed, *moved],
    }
    index["warnings"] = doubts(scenes, index, cast, locations)
    names = {
        kind: [name for payload in payloads.values() for name in payload["variants"]]
        for kind, payloads in (("characters", cast.characters), ("locations", locations))
    }
    index["warnings"] += unmet_aliases(aliases, scenes.values(), numbers.values(), names)
    for doubt in index["warnings"]:
        context.log.warning("%s", doubt["message"])
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
                    rationale="From its heading to the next; who is in it by cues, and by names in what is told.",
                )
                for scene_id, payload in scenes.items()
            },
            "character": {
                entity: Output(
                    data=payload,
                    intent="Name who is in which scenes.",
                    rationale="All that is called alike in cues and in what is told is taken for one person"
                    f"{', but for the aliases given' if context.has_source('aliases') else ''}.",
                )
                for entity, payload in cast.characters.items()
            },
            "location": {
                entity: Output(
                    data=payload,
                    intent="Name a place, its parts and its scenes.",
                    rationale="Headings that begin with the same name are taken for one place; what follows a dash is"
                    " a part of it.",
                )
                for entity, payload in locations.items()
            },
            "scene_index": Output(
                data=index,
                intent="Keep order, numbers, pages, light and cast numbers out of the scenes themselves.",
                rationale=f"{len(scenes)} scenes as they stand in the script; a cast number, once given, is kept.",
            ),
        }
    )


def _read_heading(payload: dict[str, Any], words: HeadingWords, before: str | None) -> str | None:
    """Adds what the heading says; an omitted scene has no place and no time. Returns the place for the next scene.

    A heading that names the place of the scene before (SAME, ТАМ ЖЕ, 同) plays at that place.
    """
    if is_omitted(payload["heading"], words):
        payload["omitted"] = True
    slug = heading_parts("" if payload.get("omitted") else payload["heading"], words)
    if slug.pop("same_place", False) and before:
        rooms = filter(None, (slug["location"], *slug["sublocations"]))
        slug.update(location=before, sublocations=list(rooms))
    payload["slug"] = slug
    payload["marks"] = marks_of(slug["remarks"], payload["elements"], words)
    for field in ("tags", "marks"):
        if not payload[field]:
            del payload[field]
    return before if payload.get("omitted") else slug["location"]


def _cast_before(context: ModuleContext) -> list[dict[str, Any]]:
    for index in context.previous("scene_index").values():
        rows: list[dict[str, Any]] = index.get("cast", [])
        return rows
    return []


def _scene_ids(script: Script, context: ModuleContext) -> list[str]:
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


def _item(scene: Mapping[str, Any]) -> MatchItem:
    text = "\n".join(element["text"] for element in scene["elements"])
    # Who is in it and where follows from all scenes together: it says nothing about which scene this is.
    said = {"heading": scene["heading"], "elements": scene["elements"]}
    return MatchItem(content=digest_json(said), heading=scene["heading"], text=text)
