"""What a run leaves for later questions, in every history: no question may have another answer by it."""

from __future__ import annotations

from contextlib import suppress
from unittest import mock

from cineforge.bridge.certificate.kept_stages import KeptStages, kept_stage
from cineforge.commands.shared.project_option import load_project_recipe, project_config
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.kept_before import digest_alike, shape_digest
from cineforge.deciding.planner import Planner
from cineforge.model.errors import CineForgeError, DecisionFailed
from cineforge.model.records.decision_record import Action
from cineforge.store import ArtifactStore
from tests.property.project import Project


def note_kept(project: Project, recipe: str | None) -> None:
    """Note what is kept by now, as the end of a run that certifies its work does."""
    folder = project.folder
    with suppress(CineForgeError), ArtifactStore(folder) as store:
        store.check_folders()
        moment = store.moment()
        assert moment is not None
        resolved = load_project_recipe(recipe, folder, project_config(folder))
        planner = Planner(resolved, StoreWorld(store, (folder,)))
        kept = {}
        for stage in resolved.stages.values():
            with suppress(DecisionFailed):
                instances, waits = planner.instances(stage.id)
                decisions = [planner.decision(each) for each in instances]
                if (
                    instances
                    and not waits
                    and all(each.action is Action.KEEP for each in decisions)
                ):
                    found = kept_stage(digest_alike(planner.reads_alike(stage)), decisions)
                    if found is not None:
                        kept[stage.id] = found
        if kept:
            KeptStages(shape_digest(resolved), moment, kept).keep(folder)


def require_same_without(project: Project, words: tuple[str, ...], said: str) -> None:
    """A question has the same answer when everything is decided anew."""
    with mock.patch("cineforge.project.opening.known_before", lambda *_: None):
        _, anew = project.cineforge(*words)
    assert anew == said
