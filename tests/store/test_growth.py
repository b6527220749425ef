"""What work costs grows with the work: SQL statements, looks at the disk, syncs and things held, at two sizes."""

from __future__ import annotations

import gc
import os
import tracemalloc
import weakref
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cineforge.model.metadata import EDITED_FROM, Parent, Provenance, Source
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, StagedPayload, stage_payload
from cineforge.store.disk import barrier
from cineforge.store.publishing import sealing
from cineforge.store.versions.seal import seal_metadata

from .counting import Counted, counted
from .index_dump import live_dump, rebuilt_dump

SAID = Provenance(source=Source.AI, run_id="run", producing_module="many_v1")
COLLECTION = ArtifactKey("many.members")


class FanOut:
    """Members and the collection that names them, each made when it is asked for."""

    def __init__(self, store: ArtifactStore, count: int) -> None:
        self.keys = [ArtifactKey("piece", f"piece_{n}") for n in range(count)]
        self._staged = [self._stage(store, key, {"id": key.entity_id}) for key in self.keys]
        self._numbers = store.reserve(self.keys, "run")
        members = {
            each.key.entity_dir: Member(
                version=self._numbers[each.key], content=each.content, outcome=Outcome.NEW
            )
            for each in self._staged
        }
        self._collection = self._stage(
            store, COLLECTION, Collection(members={"piece": members}).model_dump(mode="json")
        )
        self.held: list[weakref.ref[Publication]] = []

    def _stage(self, store: ArtifactStore, key: ArtifactKey, data: Any) -> StagedPayload:
        return stage_payload(store.project, key, data, {}, store.owner, in_batch=True)

    def __iter__(self) -> Iterator[Publication]:
        for staged in self._staged:
            made = Publication(staged, SAID, self._numbers[staged.key])
            self.held.append(weakref.ref(made))
            yield made
        yield Publication(self._collection, SAID)


def published(folder: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> Counted:
    with ArtifactStore(folder) as store:
        fan_out = FanOut(store, count)
        with counted(store, monkeypatch) as work:
            store.publish(fan_out, unless_held=True)
    return work


@pytest.fixture(autouse=True)
def _everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the file system of the tests for one on which all may be synced at once."""
    monkeypatch.setattr(barrier, "_is_as_good", lambda _: True)
    monkeypatch.setattr(barrier, "_SECONDS_A_FILE", 60.0)


@pytest.mark.slow
def test_a_fan_out_costs_in_proportion_to_its_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = (published(tmp_path / str(n), n, monkeypatch) for n in (100, 400))
    assert few.keys() >= {"SQL statements", "looks", "files opened", "syncs of all"}
    for kind in ("SQL statements", "looks", "files opened"):
        assert many[kind] <= 4 * few[kind], (kind, few, many)
    # Each member has no more than this: a look or a statement more for each would be half a second at 100,000.
    extra = {kind: (many[kind] - few[kind]) / 300 for kind in many}
    assert extra["SQL statements"] <= 20, extra
    assert extra["looks"] <= 9, extra
    assert extra["files opened"] <= 1, extra
    assert (extra.get("syncs", 0), extra["syncs of all"]) == (0, 0)


@pytest.mark.slow
def test_of_a_fan_out_one_member_is_held_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive, most = weakref.WeakSet[Any](), [0]

    def sealed(*given: Any, **named: Any) -> Any:
        made = seal_metadata(*given, **named)
        alive.add(made.metadata)
        most[0] = max(most[0], len(alive))
        return made

    monkeypatch.setattr(sealing, "seal_metadata", sealed)
    with ArtifactStore(tmp_path) as store:
        fan_out = FanOut(store, 200)
        refs = store.publish(fan_out)
        assert len(refs) == 201
        assert len(fan_out.held) == 200
        assert [ref for ref in fan_out.held if ref() is not None] == []
    assert most[0] <= 3


@pytest.mark.slow
def test_of_each_member_of_a_fan_out_little_more_than_a_kilobyte_is_held(tmp_path: Path) -> None:
    few, many = (least_held(tmp_path / str(count), count) for count in (100, 600))
    assert (many - few) / 500 < 1200


def least_held(folder: Path, count: int) -> int:
    """The most bytes held at once while so many members are published; of two times, the lesser.

    Now and then Python makes its table of interned strings anew, megabytes at once: after that it is long until then.
    """
    most = []
    for time in ("first", "second"):
        with ArtifactStore(folder / time) as store:
            store.publish(FanOut(store, 10))
            fan_out = FanOut(store, count)
            gc.collect()
            tracemalloc.start()
            store.publish(fan_out)
            most.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    return min(most)


def test_a_collection_that_is_published_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ArtifactStore(tmp_path) as store, monkeypatch.context() as patch:
        fan_out = FanOut(store, 5)
        read = Counter[bytes]()
        own_read = Collection.model_validate_json

        def noted(raw: bytes) -> Collection:
            read[raw] += 1
            return own_read(raw)

        patch.setattr(Collection, "model_validate_json", noted)
        store.publish(fan_out)
    assert list(read.values()) == [1]


def test_heads_that_are_read_again_take_no_memory_twice(tmp_path: Path) -> None:
    with ArtifactStore(tmp_path) as store:
        fan_out = FanOut(store, 5)
        store.publish(fan_out)
        known = store.heads()
        store.save_artifact(*fan_out.keys[0], {"text": "another"}, SAID)
        now = store.heads(known)
    assert now == {**known, fan_out.keys[0]: now[fan_out.keys[0]]}
    assert [key for key in now if now[key] is not known[key]] == [fan_out.keys[0]]


@pytest.mark.slow
def test_one_more_save_costs_the_same_however_much_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for count in (20, 200):
        with ArtifactStore(tmp_path / str(count)) as store:
            store.publish(FanOut(store, count))
            with counted(store, monkeypatch) as work:
                store.save_artifact("note", None, {"text": "one more"}, SAID)
        costs.append(work)
    assert costs[0] == costs[1]


@pytest.mark.slow
def test_what_is_below_a_version_is_asked_for_by_the_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for count in (20, 200):
        with ArtifactStore(tmp_path / str(count)) as store:
            root = with_children(store, count)
            with counted(store, monkeypatch) as work:
                below = store.descendants(root)
        assert len(below[root]) == count
        costs.append(work["SQL statements"])
    assert costs[0] == costs[1]


def test_a_parent_of_many_is_read_once_when_all_are_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ArtifactStore(tmp_path) as store:
        root = with_children(store, 30)
        record = str(store.folder(root) / "meta.json")
        opened: list[str] = []
        own_open = os.open

        def noted(path: Any, *given: Any, **named: Any) -> int:
            opened.append(os.fspath(path))
            return own_open(path, *given, **named)

        monkeypatch.setattr(os, "open", noted)
        found = list(store.look_over(store.every_version()))
    assert len(found) == 31
    assert not any(what for what, _ in found)
    # As a version itself, as a parent, and when its mode is looked at.
    assert opened.count(record) <= 3


def test_making_the_index_anew_costs_in_proportion_to_its_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for count in (20, 120):
        with ArtifactStore(tmp_path / str(count)) as store:
            with_children(store, count)
            with counted(store, monkeypatch) as work:
                store.reindex()
        costs.append(work)
    each = {kind: (costs[1][kind] - costs[0][kind]) / 100 for kind in costs[1]}
    assert each["SQL statements"] <= 15, each
    assert each["looks"] <= 5, each


def with_children(store: ArtifactStore, count: int) -> ArtifactRef:
    root = store.save_artifact("script", None, {"draft": 1}, SAID)
    said = Provenance(source=Source.AI, lineage=(Parent(ref=root, role="script"),))
    keys = [ArtifactKey("scene", f"scene_{n}") for n in range(count)]
    store.publish(
        [
            Publication(stage_payload(store.project, key, {}, {}, store.owner, in_batch=True), said)
            for key in keys
        ]
    )
    return root


@pytest.mark.parametrize("role", ["draft", EDITED_FROM])
def test_a_version_made_of_the_one_before_costs_the_same_however_many_there_were(
    tmp_path: Path, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refinement, and a person's edit. It stands on all that those before it stand on."""
    script = ArtifactKey("script")
    source = Source.HUMAN if role == EDITED_FROM else Source.CODE
    with ArtifactStore(tmp_path) as store:

        def saved(key: ArtifactKey, *parents: Parent) -> ArtifactRef:
            text = {"n": len(store.list_versions(*key))}
            staged = stage_payload(store.project, key, text, {}, store.owner)
            said = Provenance(source=source, lineage=parents)
            return store.publish([Publication(staged, said)])[0]

        notes = saved(ArtifactKey("notes"))
        head = saved(script, Parent(ref=notes, role="notes"))
        costs = []
        for _ in range(20):
            with counted(store, monkeypatch) as work:
                head = saved(script, Parent(ref=head, role=role))
            costs.append(work)
        assert costs[-1] == costs[2], "of the fourth version, and of the last"
        assert store.causes(head) == []
        changed = saved(ArtifactKey("notes"))
        assert [cause.head for cause in store.causes(head)] == [changed]
    assert live_dump(tmp_path) == rebuilt_dump(tmp_path)
