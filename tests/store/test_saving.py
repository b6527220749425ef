"""Versions on disk: what saving leaves behind, and what it refuses."""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import stat
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from cineforge.model.errors import InvalidPayload, NotFound
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, content_of, stage_payload

from .scene import BY_HAND, SCENE, head_of, save


def test_a_saved_version_comes_back_as_it_was(store: ArtifactStore) -> None:
    ref = store.save_artifact("scene", "scene_7", {"b": 1, "a": ["é", None]}, BY_HAND)
    artifact = store.load_artifact(ref)
    assert artifact.data == store.checked_data(ref) == {"a": ["é", None], "b": 1}
    assert artifact.metadata.intent == "first draft"
    assert artifact.metadata.content == content_of({"a": ["é", None], "b": 1})
    assert artifact.metadata.created_at.utcoffset() == timedelta(0)


def test_a_version_lies_where_the_design_says(store: ArtifactStore) -> None:
    save(store)
    folder = store.project / "artifacts" / "scene" / "scene_7"
    assert store.project / head_of(store).path == folder / "v0001"
    assert sorted(path.name for path in folder.iterdir()) == ["v0001", "v0001.json"]
    assert sorted(path.name for path in (folder / "v0001").iterdir()) == ["data.json", "meta.json"]
    assert str((folder / "v0001.json").readlink()) == "v0001/data.json"
    current = store.project / "current" / "scene" / "scene_7.json"
    assert str(current.readlink()) == "../../artifacts/scene/scene_7/v0001/data.json"
    assert json.loads(current.read_text()) == {"text": "INT. DINER"}


def test_an_artifact_without_entity_lies_under_an_underscore(store: ArtifactStore) -> None:
    store.save_artifact("script", None, {}, BY_HAND)
    assert (store.project / "artifacts" / "script" / "_" / "v0001" / "data.json").is_file()
    assert store.list_artifacts() == [ArtifactKey("script")]


def test_published_files_are_read_only(store: ArtifactStore) -> None:
    ref = save(store, board=b"png")
    folder = store.load_artifact(ref).folder
    for name in ("data.json", "meta.json", "files/board"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o444


def test_the_current_link_follows_the_head(store: ArtifactStore) -> None:
    save(store, "one")
    save(store, "two")
    link = store.project / "current" / "scene" / "scene_7.json"
    assert json.loads(link.read_text()) == {"text": "two"}


def test_lost_or_wrong_links_are_remade(store: ArtifactStore) -> None:
    ref = save(store)
    ticket, current = store.ensure_ticket(ref), store.ensure_current(SCENE)
    ticket.unlink()
    current.unlink()
    current.symlink_to("nowhere")
    assert json.loads(store.ensure_ticket(ref).read_text()) == {"text": "INT. DINER"}
    assert json.loads(store.ensure_current(SCENE).read_text()) == {"text": "INT. DINER"}


def test_the_ticket_of_a_number_not_needed_leads_to_the_head(store: ArtifactStore) -> None:
    ref = save(store)
    ticket = store.ensure_ticket(ref, 2)
    assert ticket.name == "v0002.json"
    assert ticket.resolve() == store.load_artifact(ref).folder / "data.json"


def test_identical_content_names_the_version_it_reproduces(store: ArtifactStore) -> None:
    save(store, "one")
    save(store, "two")
    assert store.metadata(save(store, "one")).reproduces == 1
    assert store.metadata(save(store, "three")).reproduces is None


def test_lineage_is_sealed_with_the_parents_content_and_seal(store: ArtifactStore) -> None:
    parent = save(store)
    said = Provenance(lineage=(Parent(ref=parent, role="scene"),), source=Source.AI)
    child = store.save_artifact("report", "scene_7", {}, said)
    (edge,) = store.metadata(child).lineage
    sealed = store.metadata(parent)
    assert (edge.ref, edge.role) == (parent, "scene")
    assert (edge.content, edge.seal) == (sealed.content, sealed.seal)


def test_a_parent_that_does_not_exist_is_refused_with_the_nearest_name(
    store: ArtifactStore,
) -> None:
    save(store)
    missing = ArtifactRef(artifact_type="scene", entity_id="scene_77", version=1)
    said = Provenance(lineage=(Parent(ref=missing, role="scene"),))
    with pytest.raises(NotFound, match="did you mean 'scene/scene_7'"):
        store.save_artifact("report", None, {}, said)
    assert store.list_artifacts("report") == []


def test_asking_for_a_version_beyond_the_last_names_the_last(store: ArtifactStore) -> None:
    ref = save(store)
    with pytest.raises(NotFound, match="the latest is scene/scene_7@1"):
        store.load_artifact(ref.model_copy(update={"version": 4}))


def test_versions_of_one_batch_may_refer_to_those_before_them(store: ArtifactStore) -> None:
    scene = stage_payload(store.project, SCENE, {"text": "x"}, {}, store.owner)
    report = stage_payload(store.project, ArtifactKey("report"), {}, {}, store.owner)
    parent = ArtifactRef(artifact_type="scene", entity_id="scene_7", version=1)
    said = Provenance(lineage=(Parent(ref=parent, role="scene"),))
    refs = store.publish([Publication(scene, BY_HAND), Publication(report, said)])
    assert [str(ref) for ref in refs] == ["scene/scene_7@1", "report@1"]
    store.verify(refs[1])


def test_a_batch_with_one_refused_version_publishes_nothing(store: ArtifactStore) -> None:
    good = stage_payload(store.project, SCENE, {"text": "x"}, {}, store.owner)
    bad = stage_payload(store.project, ArtifactKey("report"), {}, {}, store.owner)
    missing = ArtifactRef(artifact_type="script", version=1)
    said = Provenance(lineage=(Parent(ref=missing, role="script"),))
    with pytest.raises(NotFound):
        store.publish([Publication(good, BY_HAND), Publication(bad, said)])
    assert store.list_artifacts() == []
    assert list(store.project.glob("artifacts/*/*/v*")) == []


def test_times_only_go_forward(store: ArtifactStore) -> None:
    moments = [store.metadata(save(store, str(n))).created_at for n in range(30)]
    assert all(before < after for before, after in pairwise(moments))


def test_foreign_files_in_the_tree_are_ignored_and_kept(store: ArtifactStore) -> None:
    save(store)
    folder = store.project / "artifacts" / "scene" / "scene_7"
    strange = [folder / "v1", folder / "v00001", folder / "notes.txt", folder.parent / "Not An Id"]
    for path in strange:
        path.mkdir()
    store.reindex()
    assert [str(ref) for ref in store.list_versions("scene", "scene_7")] == ["scene/scene_7@1"]
    assert all(path.is_dir() for path in strange)


def test_a_collection_must_fit_its_model(store: ArtifactStore) -> None:
    with pytest.raises(InvalidPayload, match="not a valid Collection"):
        store.save_artifact("breakdown.members", None, {"members": 3}, BY_HAND)


def test_a_collection_must_name_versions_that_exist(store: ArtifactStore) -> None:
    member = Member(version=1, content=content_of({}), outcome=Outcome.NEW)
    with pytest.raises(NotFound, match="scene/scene_1@1"):
        store.save_artifact(
            "breakdown.members",
            None,
            Collection(members={"scene": {"scene_1": member}}),
            BY_HAND,
        )


def test_a_collection_must_name_the_content_its_members_have(store: ArtifactStore) -> None:
    save(store)
    member = Member(version=1, content=content_of({}), outcome=Outcome.KEPT)
    with pytest.raises(InvalidPayload, match="another content"):
        store.save_artifact(
            "breakdown.members",
            None,
            Collection(members={"scene": {"scene_7": member}}),
            BY_HAND,
        )


def test_a_nested_collection_must_hang_under_its_own_parent(store: ArtifactStore) -> None:
    with pytest.raises(InvalidPayload, match="its parent"):
        store.save_artifact("shoot.members", "scene_1", Collection(members={}), BY_HAND)


def test_the_head_collection_can_be_read(store: ArtifactStore) -> None:
    ref = save(store)
    member = Member(version=1, content=store.metadata(ref).content, outcome=Outcome.NEW)
    collection = Collection(members={"scene": {"scene_7": member}})
    key = ArtifactKey("breakdown.members")
    assert store.collection(key) is None
    store.save_artifact(*key, collection, BY_HAND)
    assert store.collection(key) == collection


def test_ids_once_used_stay_known(store: ArtifactStore) -> None:
    save(store)
    store.save_artifact("scene", "scene_1", {}, BY_HAND)
    assert store.used_ids("scene") == {"scene_7", "scene_1"}
    assert store.used_ids("shot") == set()


def test_looking_at_a_folder_that_is_no_project_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no project folder"):
        ArtifactStore(tmp_path / "typo").heads()
    assert not (tmp_path / "typo").exists()


def test_an_odd_thing_in_the_place_of_a_link_stops_no_publication(store: ArtifactStore) -> None:
    (store.project / "current" / "scene" / "scene_7.json").mkdir(parents=True)
    assert head_of(store, save(store).key).version == 1


@pytest.mark.slow
def test_what_a_batch_costs_grows_with_the_batch_alone(tmp_path: Path) -> None:
    """In looks at names, not in seconds: a fan-out may emit thousands."""

    def looks(count: int) -> int:
        with ArtifactStore(tmp_path / str(count)) as store:
            said = Provenance(source=Source.AI)
            batch = [
                Publication(stage_payload(store.project, key, {"n": n}, {}, store.owner), said)
                for n in range(count)
                for key in [ArtifactKey("scene", f"scene_{n}")]
            ]
            profile = cProfile.Profile()
            profile.runcall(store.publish, batch)
        calls: dict[tuple[str, int, str], tuple[int, ...]] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
        return sum(found[0] for (_, _, name), found in calls.items() if name == "key")

    assert 0 < looks(60) < 2.5 * looks(30)


def test_a_disk_that_takes_no_hints_takes_versions(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "posix_fadvise", refuse)
    assert save(store).version == 1
