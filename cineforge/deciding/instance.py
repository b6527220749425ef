"""An instance: one stage at work for one entity, or for the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cineforge.model.names import COLLECTION_SUFFIX, parent_of

if TYPE_CHECKING:
    from cineforge.recipes.resolved import ResolvedRecipe


class Instance(NamedTuple):
    stage: str
    entity: str | None = None

    def __str__(self) -> str:
        return self.stage if self.entity is None else f"{self.stage}/{self.entity}"

    @property
    def file_name(self) -> str:
        """What the files of its jobs are called, but for their endings."""
        return self.stage if self.entity is None else f"{self.stage}.{self.entity}"


def instance_of(
    recipe: ResolvedRecipe, artifact_type: str, entity: str | None, by: str | None = None
) -> Instance | None:
    """The instance that makes an artifact, or None when the recipe makes no such type.

    Of several stages that make it one after the other that is the last, or the one that is named by its id.
    """
    last = recipe.makers.get(artifact_type, artifact_type.removesuffix(COLLECTION_SUFFIX))
    stage = recipe.stages.get(by or last)
    if stage is None:
        return None
    stage_id = stage.id
    if stage.for_each is None:
        return Instance(stage_id)
    is_member = any(out.many and out.artifact_type == artifact_type for out in stage.outputs)
    if is_member and entity is not None:
        return Instance(stage_id, parent_of(entity))
    return Instance(stage_id, entity)
