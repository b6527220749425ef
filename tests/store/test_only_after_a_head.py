"""An edit of what has changed meanwhile is refused, also when the change comes in the very moment of saving."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from cineforge.model.metadata import Provenance, Source
from cineforge.store import ArtifactStore, HeadMoved, Publication, stage_payload
from cineforge.store import writer as module
from cineforge.store.publishing import single
from cineforge.store.publishing.batch import complete
from cineforge.store.publishing.sealing import Intent

from .scene import BY_HAND, SCENE, head_of

MADE = Provenance(source=Source.AI)


def test_an_edit_follows_the_head_that_was_seen(store: ArtifactStore) -> None:
    seen = store.save_artifact(*SCENE, "first", MADE)
    assert store.save_artifact(*SCENE, "mine", BY_HAND, only_after=seen).version == 2


def test_an_edit_of_an_older_head_is_refused_and_leaves_nothing(store: ArtifactStore) -> None:
    seen = store.save_artifact(*SCENE, "first", MADE)
    newer = store.save_artifact(*SCENE, "second", MADE)
    with pytest.raises(HeadMoved, match=f"{newer} now"):
        store.save_artifact(*SCENE, "mine", BY_HAND, only_after=seen)
    assert store.head(SCENE) == newer
    beside = {each.name for each in store.folder(newer).parent.iterdir() if each.is_dir()}
    assert beside == {"v0001", "v0002"}


def test_what_comes_in_the_moment_of_saving_is_seen(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = store.save_artifact(*SCENE, "first", MADE)
    bring, left = single.SinglePublication._bring_to_disk, [True]

    def meanwhile(self: single.SinglePublication, intent: Intent) -> Any:
        if left and left.pop():
            with ArtifactStore(store.project) as other:
                other.save_artifact(*SCENE, "theirs", MADE)
        return bring(self, intent)

    monkeypatch.setattr(single.SinglePublication, "_bring_to_disk", meanwhile)
    with pytest.raises(HeadMoved):
        store.save_artifact(*SCENE, "mine", BY_HAND, only_after=seen)
    assert store.checked_data(head_of(store)) == "theirs"


def test_what_is_declared_and_not_yet_a_version_is_seen(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = store.save_artifact(*SCENE, "first", MADE)
    other = SCENE._replace(entity_id="another")
    batch = [
        Publication(stage_payload(store.project, key, "machine", {}, store.owner), MADE)
        for key in (SCENE, other)
    ]

    def later(*args: Any, **kwargs: Any) -> Any:
        with ArtifactStore(store.project) as person, pytest.raises(HeadMoved, match="just now"):
            person.save_artifact(*SCENE, "mine", BY_HAND, only_after=seen)
        return complete(*args, **kwargs)

    monkeypatch.setattr(module, "complete", later)
    store.publish(batch)
    assert store.checked_data(head_of(store)) == "machine"


def test_of_many_who_edit_the_same_head_one_is_heard(store: ArtifactStore) -> None:
    seen = store.save_artifact(*SCENE, "first", MADE)
    heard: Counter[str] = Counter()

    def edit(name: str) -> None:
        with ArtifactStore(store.project) as own:
            try:
                own.save_artifact(*SCENE, name, BY_HAND, only_after=seen)
                heard["saved"] += 1
            except HeadMoved:
                heard["refused"] += 1

    people = [threading.Thread(target=edit, args=(f"person {n}",)) for n in range(6)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert heard == {"saved": 1, "refused": 5}
    assert head_of(store).version == 2
