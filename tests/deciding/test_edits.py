"""What a person's version was edited from, as plans and runs see it: both ask one function."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cineforge.deciding.facts.edits import content_before_edits, first_edited
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.model.metadata import EDITED_FROM, Fingerprint, Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.running.publishing.publish_fan_out import _member_head
from cineforge.store import ArtifactStore, content_of

SCENE = ArtifactKey("scene", "scene_1")
DIGEST = content_of(1)
BY_MACHINE = Provenance(
    source=Source.AI, fingerprint=Fingerprint(digest=DIGEST, stage="breakdown", code=DIGEST)
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    with ArtifactStore(tmp_path) as store:
        yield store


def edit(store: ArtifactStore, origin: ArtifactRef, data: object) -> ArtifactRef:
    parent = Parent(ref=origin, role=EDITED_FROM)
    return store.save_artifact(*SCENE, data, Provenance(source=Source.HUMAN, lineage=(parent,)))


def test_an_edit_of_an_edit_began_with_the_machines_version(store: ArtifactStore) -> None:
    machines = store.save_artifact(*SCENE, "machine", BY_MACHINE)
    second = edit(store, edit(store, machines, "first edit"), "second edit")
    assert first_edited(store.metadata, second) == machines


def test_a_plan_and_a_run_say_the_same_of_an_edit_of_an_edit(store: ArtifactStore) -> None:
    machines = store.save_artifact(*SCENE, "machine", BY_MACHINE)
    edit(store, edit(store, machines, "first edit"), "second edit")
    head = store.heads_of([SCENE])[SCENE]
    planned = StoreWorld(store, [store.project]).edited_from(head.ref)
    run = _member_head(store, head)
    assert run is not None
    assert planned == run.edited_from == store.metadata(machines).content


def test_what_a_person_made_from_nothing_was_edited_from_nothing(store: ArtifactStore) -> None:
    mine = store.save_artifact(*SCENE, "mine", Provenance(source=Source.HUMAN))
    assert content_before_edits(store.metadata, mine) is None
    assert first_edited(store.metadata, edit(store, mine, "mine, edited")) == mine
