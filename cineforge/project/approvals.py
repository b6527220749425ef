"""What a recipe has people approve, and nobody has approved yet."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import CineForgeError
from cineforge.model.refs import ArtifactRef
from cineforge.store import ArtifactStore, layout
from cineforge.store.disk.safe_files import read_regular


def to_approve(store: ArtifactStore, folder: Path) -> tuple[ArtifactRef, ...]:
    """The versions that others wait for; none when the project's recipe cannot be read, which others tell."""
    # Most recipes have no gate, and to read one takes longer than all else that a status tells.
    if not _may_have_gates(folder):
        return ()
    from cineforge.project.opening import open_planner

    try:
        planner = open_planner(store, folder)
        if planner is None:
            return ()
        heads = (
            head
            for stage in planner.recipe.stages.values()
            if stage.is_gate
            for instance in planner.instances(stage.id)[0]
            for head in planner.own_heads(instance)
            if head is not None and not head.vanished
        )
        return tuple(head.ref for head in heads if not planner.world.is_approved(head.ref))
    except (CineForgeError, OSError):
        return ()


def _may_have_gates(folder: Path) -> bool:
    """Whether the word stands in a recipe of the project's own, wherever that is; no shipped one has a gate."""
    files = [*(folder / layout.RECIPES).glob("*.y*ml")]
    with suppress(OSError, CineForgeError):
        config = read_regular(folder / layout.CONFIG_FILE, follow=True)
        if b"/" in config or b".y" in config:  # or all recipes are given by name
            files += _listed_files(folder)
    for file in files:
        with suppress(OSError):
            if b"gate" in read_regular(file, follow=True):
                return True
    return False


def _listed_files(folder: Path) -> tuple[Path, ...]:
    from cineforge.project.opening import project_config
    from cineforge.recipes.listed import names_a_recipe, recipe_files

    config = project_config(folder)
    return recipe_files(folder, config) if names_a_recipe(config) else ()
