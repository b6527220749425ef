"""What the targets stand for that Snakemake itself knows: `all`, `all_<stage>`, and `current/` paths."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.selection import Selection, everything
from cineforge.model.errors import nearest, suggestion
from cineforge.model.names import COLLECTION_SUFFIX, ENTITY_PATTERN, NO_ENTITY
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import layout

_CURRENT = re.compile(
    rf"(?:\./)?{layout.CURRENT}/([a-z0-9_.]+)/({ENTITY_PATTERN}|{NO_ENTITY})\.json"
)


def current_key(path: str) -> ArtifactKey | None:
    """The artifact that a `current/` path shows, or None for any other file."""
    match = _CURRENT.fullmatch(path)
    if match is None:
        return None
    artifact_type, entity = match.groups()
    return ArtifactKey(artifact_type, None if entity == NO_ENTITY else entity)


def meaning(targets: Iterable[str], recipe: ResolvedRecipe) -> Selection:
    """What some targets stand for; files that are none of ours stand for nothing."""
    found = Selection()
    for name in targets:
        key = current_key(name)
        stage = name if name in recipe.stages else name.removeprefix("all_")
        if name == "all":
            found |= everything(recipe)
        elif stage in recipe.stages:
            found |= Selection(stages=frozenset({stage}))
        elif key is not None:
            maker = instance_of(recipe, *key)
            found |= Selection(instances=frozenset({maker} if maker else ()))
    return found


def key_of(recipe: ResolvedRecipe, instance: Instance) -> ArtifactKey:
    """The artifact whose `current/` path has Snakemake do the work of an instance."""
    return ArtifactKey(recipe.stages[instance.stage].ticket_types[0], instance.entity)


def unknown_target(target: str, recipe: ResolvedRecipe) -> str:
    """What is wrong with a target that nothing makes, and the nearest that something does."""
    types = {name for stage in recipe.stages.values() for name in stage.ticket_types}
    types |= set(recipe.makers)
    parts = target.split("/")
    if parts[0] != layout.CURRENT:
        hint = suggestion(target, ["all", *(f"all_{stage}" for stage in recipe.stages)])
    elif len(parts) == 3 and parts[1] in types:
        one = layout.current_name(ArtifactKey(parts[1]))
        maker = recipe.stages[recipe.makers.get(parts[1], parts[1].removesuffix(COLLECTION_SUFFIX))]
        hint = f"there is one, for the project: {one}"
        if maker.for_each is not None or parts[1] in recipe.domains:
            hint = f"write current/{parts[1]}/ENTITY.json, or all_{maker.id} for all of them"
    else:
        close = nearest(parts[1], types) if len(parts) > 1 else None
        hint = f"write current/TYPE/ENTITY.json, with one of the types {', '.join(sorted(types))}"
        if close:
            hint = f"did you mean '{'/'.join(['current', close, *parts[2:]])}'?"
    return f"{recipe.title} no '{target}': {hint}"
