"""What a run looks at when a fan-out has published, of which there may be very much."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pytest

from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore, HeadRow
from tests.store.test_growth import COLLECTION, SAID, FanOut


def test_each_head_is_read_once_after_a_fan_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[ArtifactKey] = []
    heads_of = ArtifactStore.heads_of

    def noted(store: ArtifactStore, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, HeadRow]:
        found = heads_of(store, keys)
        read.extend(found)
        return found

    with ArtifactStore(tmp_path) as store:
        world, fan_out = StoreWorld(store, ()), FanOut(store, 5)
        assert world.collections("many") == []
        refs = store.publish(fan_out)
        monkeypatch.setattr(ArtifactStore, "heads_of", noted)
        world.published(ref.key for ref in refs)
        monkeypatch.undo()
        assert sorted(read, key=str) == sorted([*fan_out.keys, COLLECTION], key=str)
        assert sorted(world.members_of_type("piece")) == [key.entity_id for key in fan_out.keys]


def test_what_a_collection_names_is_told_whatever_its_members_are_called(tmp_path: Path) -> None:
    with ArtifactStore(tmp_path) as store:
        said = {"text": "a"}
        keys = [
            ArtifactKey(*names)
            for names in product(("outcome", "members"), (None, "outcome", "version"))
        ]
        made = {key: store.save_artifact(*key, said, SAID) for key in keys}
        members: dict[str, dict[str, Member]] = {"empty": {}, "outcome": {}, "members": {}}
        for key, ref in made.items():
            member = Member(
                version=ref.version, content=store.metadata(ref).content, outcome=Outcome.KEPT
            )
            members[key.artifact_type][key.entity_dir] = member
        record = Collection(members=members)
        ref = store.save_artifact(*COLLECTION, record.model_dump(mode="json"), SAID)
        assert store.named_by(ref) == record.keys() == set(keys)
