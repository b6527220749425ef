"""Old payloads count together with what lifts them: for those that read one, its upgrades are part of the work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from cineforge.deciding.reads import InputState, StageReads, is_upgrade, upgrade_name
from cineforge.model.refs import ArtifactRef
from cineforge.recipes.resolved import ResolvedInput


def with_upgrades(
    common: StageReads,
    wanted: Iterable[ResolvedInput],
    states: Mapping[str, tuple[InputState, ...]],
    schema_version: Callable[[ArtifactRef], str | None],
) -> StageReads:
    """What an instance reads, with the upgrades that lift any of its inputs, and no others.

    `schema_version` tells what a version was sealed with; None of one that is made by this run.
    """
    lifting = {}
    for each in wanted:
        upgrades = each.upgrades
        if upgrades is None:
            continue
        now = upgrades.rules.version
        refs = (state.ref for state in states.get(each.name, ()) if state.ref is not None)
        if any(schema_version(ref) not in (None, now) for ref in refs):
            lifting[upgrade_name(upgrades.rules.name)] = upgrades.digest
    schemas = {name: digest for name, digest in common.schemas.items() if not is_upgrade(name)}
    if lifting or len(schemas) < len(common.schemas):
        return replace(common, schemas={**schemas, **lifting})
    return common
