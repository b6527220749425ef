"""Many versions published in one go: each by itself, so that none is in the way of another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from cineforge.model.errors import CineForgeError, NotFound, VersionExists
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, HeldMeanwhile, Publication, layout, stage_payload
from cineforge.store.disk.durable import CannotWrite
from cineforge.store.publishing import group_commit, renames

from .index_dump import live_dump, rebuilt_dump
from .killed import leftovers, run_until_killed

SAID = Provenance(source=Source.AI)
KEYS = [ArtifactKey("scene", f"scene_{n}") for n in range(4)]


def staged(
    store: ArtifactStore, keys: Sequence[ArtifactKey], said: Provenance = SAID, data: object = "x"
) -> list[Publication]:
    return [
        Publication(
            stage_payload(store.project, key, data, {}, store.owner, in_batch=True), said, number
        )
        for key, number in store.reserve(keys, "monday").items()
    ]


def refused(outcomes: Sequence[ArtifactRef | CineForgeError]) -> list[type | None]:
    return [None if isinstance(each, ArtifactRef) else type(each) for each in outcomes]


def assert_index_is_as_the_folders_say(store: ArtifactStore) -> None:
    assert live_dump(store.project) == rebuilt_dump(store.project)


def test_they_are_versions_as_if_each_had_been_saved_alone(store: ArtifactStore) -> None:
    script = store.save_artifact("script", None, {"n": 1}, SAID)
    said = Provenance(source=Source.AI, lineage=(Parent(ref=script, role="script"),))
    outcomes = store.publish_each(staged(store, KEYS, said))
    assert [str(each) for each in outcomes] == [f"scene/scene_{n}@1" for n in range(4)]
    for ref in outcomes:
        assert isinstance(ref, ArtifactRef)
        store.verify(ref)
        assert store.ensure_current(ref.key).resolve().parent.name == "v0001"
    store.publish_each(staged(store, KEYS, said))
    head = store.head(KEYS[0])
    assert head is not None and store.metadata(head).reproduces == 1
    assert_index_is_as_the_folders_say(store)


def test_what_cannot_be_published_is_in_the_way_of_no_other(store: ArtifactStore) -> None:
    for key in KEYS:
        store.save_artifact(*key, {"n": 0}, Provenance(source=Source.HUMAN))
    store.save_artifact(*KEYS[3], "mine", Provenance(source=Source.AI, producing_module="m"))
    batch = staged(store, [ArtifactKey("scene", "new"), *KEYS])
    (
        layout.version_dir(
            store.project, ArtifactRef(artifact_type="scene", entity_id="new", version=1)
        )
    ).mkdir(parents=True)
    gone = ArtifactRef(artifact_type="script", entity_id=None, version=7)
    lost = Provenance(source=Source.AI, lineage=(Parent(ref=gone, role="script"),))
    batch += staged(store, [ArtifactKey("scene", "other")], lost)
    outcomes = store.publish_each(batch, unless_held=True)
    assert refused(outcomes) == [VersionExists, *[HeldMeanwhile] * 3, None, NotFound]
    for publication, outcome in zip(batch, outcomes, strict=True):
        assert publication.staged.folder.is_dir() == isinstance(outcome, CineForgeError)


def test_what_others_saved_meanwhile_is_looked_at_again(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = staged(store, KEYS, data="the same")
    bring = renames.bring_to_disk

    def meanwhile(*given: object) -> None:
        monkeypatch.setattr(group_commit, "bring_to_disk", bring)
        bring(*given)  # type: ignore[arg-type]
        with ArtifactStore(store.project) as other:
            other.save_artifact(*KEYS[1], "the same", SAID)
            other.save_artifact(*KEYS[2], "another", SAID)

    monkeypatch.setattr(group_commit, "bring_to_disk", meanwhile)
    assert refused(store.publish_each(batch)) == [None] * 4
    # The numbers were reserved, so who came in between has the later ones.
    assert [len(store.list_versions(*key)) for key in KEYS] == [1, 2, 2, 1]
    assert_index_is_as_the_folders_say(store)


@pytest.mark.parametrize(
    ("at", "call", "published"),
    [
        ("bring_to_disk", 1, 0),
        ("move_into_place", 1, 0),
        ("move_into_place", 3, 2),
        ("sync_names", 1, 4),
        ("register", 1, 4),
    ],
)
def test_killed_at_any_moment_each_is_there_whole_or_not_at_all(
    tmp_path: Path, at: str, call: int, published: int
) -> None:
    body = f"""
from cineforge.store.publishing import group_commit
die_at(group_commit, {at!r}, {call})
numbers = store.reserve(keys, "monday")
store.publish_each([
    Publication(stage_payload(store.project, key, {{"n": 1}}, {{}}, store.owner, in_batch=True), said, numbers[key])
    for key in keys
])
"""
    run_until_killed(tmp_path, body)
    with ArtifactStore(tmp_path) as store:
        refs = [row.ref for row in store.heads().values()]
        assert len(refs) == published
        for ref in refs:
            store.verify(ref)
        assert leftovers(tmp_path) == []
        assert_index_is_as_the_folders_say(store)


def test_a_disk_that_refuses_after_the_first_name_tells_what_is_safe(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(group_commit, "sync_names", full)
    with pytest.raises(CannotWrite, match=r"What was being saved is safe.*scene/scene_0@1"):
        store.publish_each(staged(store, KEYS))
    store.close()
    with ArtifactStore(store.project) as again:
        assert len(again.heads()) == len(KEYS)
