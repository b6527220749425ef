"""Versions on disk: what saving leaves behind, and what it refuses."""

from __future__ import annotations

import cProfile
import json
import pstats
import stat
from itertools import pairwise
from pathlib import Path

import pytest

from cineforge.model.collection import Collection, Member, Outcome
from cineforge.model.errors import (
    CineForgeError,
    InvalidName,
    InvalidPayload,
    NotFound,
    StoreDamaged,
    VersionExists,
)
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, content_of, layout, stage_payload

BY_HAND = Provenance(intent="first draft", source=Source.HUMAN)
SCENE = ArtifactKey("scene", "scene_7")


@pytest.fixture
def store(tmp_path: Path):
    with ArtifactStore(tmp_path / "film") as opened:
        yield opened


def save(store: ArtifactStore, text: str = "INT. DINER", **files: bytes) -> ArtifactRef:
    return store.save_artifact("scene", "scene_7", {"text": text}, BY_HAND, files=files)


def test_a_saved_version_comes_back_as_it_was(store):
    ref = store.save_artifact("scene", "scene_7", {"b": 1, "a": ["é", None]}, BY_HAND)
    artifact = store.load_artifact(ref)
    assert artifact.data == store.load_data(ref) == {"a": ["é", None], "b": 1}
    assert artifact.metadata.intent == "first draft"
    assert artifact.metadata.content == content_of({"a": ["é", None], "b": 1})
    assert artifact.metadata.created_at.utcoffset().total_seconds() == 0


def test_a_version_lies_where_the_design_says(store):
    save(store)
    folder = store.project / "artifacts" / "scene" / "scene_7"
    assert sorted(path.name for path in folder.iterdir()) == ["v0001", "v0001.json"]
    assert sorted(path.name for path in (folder / "v0001").iterdir()) == ["data.json", "meta.json"]
    assert str((folder / "v0001.json").readlink()) == "v0001/data.json"
    current = store.project / "current" / "scene" / "scene_7.json"
    assert str(current.readlink()) == "../../artifacts/scene/scene_7/v0001/data.json"
    assert json.loads(current.read_text()) == {"text": "INT. DINER"}


def test_an_artifact_without_entity_lies_under_an_underscore(store):
    store.save_artifact("script", None, {}, BY_HAND)
    assert (store.project / "artifacts" / "script" / "_" / "v0001" / "data.json").is_file()
    assert store.list_artifacts() == [ArtifactKey("script")]


def test_published_files_are_read_only(store):
    ref = save(store, board=b"png")
    folder = store.load_artifact(ref).folder
    for name in ("data.json", "meta.json", "files/board"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o444


def test_the_current_link_follows_the_head(store):
    save(store, "one")
    save(store, "two")
    link = store.project / "current" / "scene" / "scene_7.json"
    assert json.loads(link.read_text()) == {"text": "two"}


def test_lost_or_wrong_links_are_remade(store):
    ref = save(store)
    ticket, current = store.ensure_ticket(ref), store.ensure_current(SCENE)
    ticket.unlink()
    current.unlink()
    current.symlink_to("nowhere")
    assert json.loads(store.ensure_ticket(ref).read_text()) == {"text": "INT. DINER"}
    assert json.loads(store.ensure_current(SCENE).read_text()) == {"text": "INT. DINER"}


def test_the_ticket_of_a_number_not_needed_leads_to_the_head(store):
    ref = save(store)
    ticket = store.ensure_ticket(ref, 2)
    assert ticket.name == "v0002.json"
    assert ticket.resolve() == store.load_artifact(ref).folder / "data.json"


def test_more_than_ten_versions_are_listed_in_numerical_order(store):
    for n in range(12):
        save(store, str(n))
    assert [ref.version for ref in store.list_versions("scene", "scene_7")] == list(range(1, 13))
    assert store.head(SCENE).version == 12


def test_versions_beyond_9999_get_more_digits_and_are_found_again(store):
    staged = stage_payload(store.project, SCENE, {"n": 1}, {}, store.owner)
    (ref,) = store.publish([Publication(staged, BY_HAND, version=10_000)])
    assert store.load_artifact(ref).folder.name == "v10000"
    store.reindex()
    assert save(store).version == 10_001


def test_a_taken_number_is_refused_and_the_version_left_alone(store):
    ref = save(store, "one")
    staged = stage_payload(store.project, SCENE, {"text": "two"}, {}, store.owner)
    with pytest.raises(VersionExists, match="scene/scene_7@1 exists"):
        store.publish([Publication(staged, BY_HAND, version=1)])
    assert store.load_data(ref) == {"text": "one"}


def test_a_folder_the_index_does_not_know_is_not_overwritten(store):
    save(store)
    stray = store.project / "artifacts" / "scene" / "scene_7" / "v0002"
    stray.mkdir()
    assert save(store).version == 3
    assert list(stray.iterdir()) == []


def test_a_run_reserves_no_number_of_a_folder_the_index_does_not_know(store):
    other = ArtifactKey("report", "scene_7")
    (store.project / "artifacts" / "scene" / "scene_7" / "v0001").mkdir(parents=True)
    (store.project / "artifacts" / "report" / "scene_7" / "v0002").mkdir(parents=True)
    assert store.reserve([SCENE, other], "run_1", common=True) == {SCENE: 3, other: 3}
    assert store.reserve([SCENE, other], "run_2") == {SCENE: 2, other: 1}


def test_an_older_number_may_be_published_after_a_newer_one(store):
    numbers = store.reserve([SCENE], "run_1")
    assert save(store, "by hand").version == 2
    staged = stage_payload(store.project, SCENE, {"text": "paid for"}, {}, store.owner)
    store.publish([Publication(staged, BY_HAND, numbers[SCENE])])
    assert [ref.version for ref in store.list_versions("scene", "scene_7")] == [1, 2]
    assert store.head(SCENE).version == 2
    assert json.loads((store.project / "current/scene/scene_7.json").read_text()) == {
        "text": "by hand"
    }


def test_reserved_numbers_are_passed_over_until_released(store):
    assert store.reserve([SCENE], "run_1") == {SCENE: 1}
    assert store.reserve([SCENE], "run_2") == {SCENE: 2}
    store.release({SCENE: 1})
    assert save(store).version == 1
    assert save(store).version == 3


def test_a_common_number_is_free_for_all(store):
    other = ArtifactKey("report", "scene_7")
    save(store)
    store.reserve([SCENE], "run_1")
    store.reserve([other, other], "run_1")
    assert store.reserve([SCENE, other], "run_2", common=True) == {SCENE: 3, other: 3}


def test_identical_content_names_the_version_it_reproduces(store):
    save(store, "one")
    save(store, "two")
    assert store.metadata(save(store, "one")).reproduces == 1
    assert store.metadata(save(store, "three")).reproduces is None


def test_lineage_is_sealed_with_the_parents_content_and_seal(store):
    parent = save(store)
    said = Provenance(lineage=(Parent(ref=parent, role="scene"),), source=Source.AI)
    child = store.save_artifact("report", "scene_7", {}, said)
    (edge,) = store.metadata(child).lineage
    sealed = store.metadata(parent)
    assert (edge.ref, edge.role) == (parent, "scene")
    assert (edge.content, edge.seal) == (sealed.content, sealed.seal)


def test_a_parent_that_does_not_exist_is_refused_with_the_nearest_name(store):
    save(store)
    missing = ArtifactRef(artifact_type="scene", entity_id="scene_77", version=1)
    said = Provenance(lineage=(Parent(ref=missing, role="scene"),))
    with pytest.raises(NotFound, match="did you mean 'scene/scene_7'"):
        store.save_artifact("report", None, {}, said)
    assert store.list_artifacts("report") == []


def test_asking_for_a_version_beyond_the_last_names_the_last(store):
    ref = save(store)
    with pytest.raises(NotFound, match="the latest is scene/scene_7@1"):
        store.load_artifact(ref.model_copy(update={"version": 4}))


def test_versions_of_one_batch_may_refer_to_those_before_them(store):
    scene = stage_payload(store.project, SCENE, {"text": "x"}, {}, store.owner)
    report = stage_payload(store.project, ArtifactKey("report"), {}, {}, store.owner)
    parent = ArtifactRef(artifact_type="scene", entity_id="scene_7", version=1)
    said = Provenance(lineage=(Parent(ref=parent, role="scene"),))
    refs = store.publish([Publication(scene, BY_HAND), Publication(report, said)])
    assert [str(ref) for ref in refs] == ["scene/scene_7@1", "report@1"]
    store.verify(refs[1])


def test_a_batch_with_one_refused_version_publishes_nothing(store):
    good = stage_payload(store.project, SCENE, {"text": "x"}, {}, store.owner)
    bad = stage_payload(store.project, ArtifactKey("report"), {}, {}, store.owner)
    missing = ArtifactRef(artifact_type="script", version=1)
    said = Provenance(lineage=(Parent(ref=missing, role="script"),))
    with pytest.raises(NotFound):
        store.publish([Publication(good, BY_HAND), Publication(bad, said)])
    assert store.list_artifacts() == []
    assert list(store.project.glob("artifacts/*/*/v*")) == []


def test_times_only_go_forward(store):
    moments = [store.metadata(save(store, str(n))).created_at for n in range(30)]
    assert all(before < after for before, after in pairwise(moments))


@pytest.mark.parametrize(
    "entity", ["../evil", "a/b", "", ".", "..", "_", "Scene_7", "a\0b", "a\n", "x" * 121, "a..b"]
)
def test_hostile_entity_ids_are_refused(store, entity):
    with pytest.raises(InvalidName):
        store.save_artifact("scene", entity, {}, BY_HAND)
    assert not (store.project / "artifacts").exists()


@pytest.mark.parametrize("artifact_type", ["../up", "Scene", "", "a.b", "import.members", "a b"])
def test_hostile_types_are_refused(store, artifact_type):
    with pytest.raises(InvalidName):
        store.save_artifact(artifact_type, None, {}, BY_HAND)


@pytest.mark.parametrize(
    "data", [{1: "a"}, {"x": float("nan")}, {"x": {1, 2}}, {"x": "\ud800"}, object()]
)
def test_a_payload_that_is_not_plain_json_is_refused(store, data):
    with pytest.raises(InvalidPayload, match="not plain JSON"):
        store.save_artifact("scene", "scene_7", data, BY_HAND)
    assert store.list_artifacts() == []


@pytest.mark.parametrize("level", ["artifacts", "artifacts/scene", "artifacts/scene/scene_7"])
def test_a_planted_link_leading_outside_is_refused(store, tmp_path, level):
    outside = tmp_path / "outside"
    outside.mkdir()
    planted = store.project / level
    planted.parent.mkdir(parents=True)
    planted.symlink_to(outside, target_is_directory=True)
    with pytest.raises(StoreDamaged, match="leads out of the project"):
        save(store)
    assert list(outside.iterdir()) == []


def test_a_planted_link_among_the_current_links_is_refused(store, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (store.project / "current").mkdir(parents=True)
    (store.project / "current" / "scene").symlink_to(outside, target_is_directory=True)
    with pytest.raises(StoreDamaged, match="leads out of the project"):
        save(store)
    assert list(outside.iterdir()) == []


def test_foreign_files_in_the_tree_are_ignored_and_kept(store):
    save(store)
    folder = store.project / "artifacts" / "scene" / "scene_7"
    strange = [folder / "v1", folder / "v00001", folder / "notes.txt", folder.parent / "Not An Id"]
    for path in strange:
        path.mkdir()
    store.reindex()
    assert [str(ref) for ref in store.list_versions("scene", "scene_7")] == ["scene/scene_7@1"]
    assert all(path.is_dir() for path in strange)


def test_a_collection_must_fit_its_model(store):
    with pytest.raises(InvalidPayload, match="not a valid Collection"):
        store.save_artifact("breakdown.members", None, {"members": 3}, BY_HAND)


def test_a_collection_must_name_versions_that_exist(store):
    member = Member(version=1, content=content_of({}), outcome=Outcome.NEW)
    with pytest.raises(NotFound, match="scene/scene_1@1"):
        store.save_artifact(
            "breakdown.members",
            None,
            Collection(members={"scene": {"scene_1": member}}),
            BY_HAND,
        )


def test_a_collection_must_name_the_content_its_members_have(store):
    save(store)
    member = Member(version=1, content=content_of({}), outcome=Outcome.KEPT)
    with pytest.raises(InvalidPayload, match="another content"):
        store.save_artifact(
            "breakdown.members",
            None,
            Collection(members={"scene": {"scene_7": member}}),
            BY_HAND,
        )


def test_a_nested_collection_must_hang_under_its_own_parent(store):
    with pytest.raises(InvalidPayload, match="its parent"):
        store.save_artifact("shoot.members", "scene_1", Collection(members={}), BY_HAND)


def test_the_head_collection_can_be_read(store):
    ref = save(store)
    member = Member(version=1, content=store.metadata(ref).content, outcome=Outcome.NEW)
    collection = Collection(members={"scene": {"scene_7": member}})
    key = ArtifactKey("breakdown.members")
    assert store.collection(key) is None
    store.save_artifact(*key, collection, BY_HAND)
    assert store.collection(key) == collection


def test_ids_once_used_stay_known(store):
    save(store)
    store.save_artifact("scene", "scene_1", {}, BY_HAND)
    assert store.used_ids("scene") == {"scene_7", "scene_1"}
    assert store.used_ids("shot") == set()


def test_looking_at_a_folder_that_is_no_project_says_so(tmp_path):
    with pytest.raises(NotFound, match="no project folder"):
        ArtifactStore(tmp_path / "typo").heads()
    assert not (tmp_path / "typo").exists()


def test_an_odd_thing_in_the_place_of_a_link_stops_no_publication(store):
    (store.project / "current" / "scene" / "scene_7.json").mkdir(parents=True)
    assert store.head(save(store).key).version == 1


@pytest.mark.parametrize("place", [".cineforge", ".cineforge/compiled", "runs", "runs/monday"])
def test_no_folder_that_is_written_to_may_lead_out_of_the_project(
    tmp_path: Path, place: str
) -> None:
    project, outside = tmp_path / "film", tmp_path / "outside"
    outside.mkdir()
    (project / place).parent.mkdir(parents=True)
    (project / place).symlink_to(outside, target_is_directory=True)
    with pytest.raises(StoreDamaged, match="leads out of the project"):
        layout.require_own_folders(project)
    (project / place).unlink()
    (project / "elsewhere").mkdir()
    (project / place).symlink_to(project / "elsewhere", target_is_directory=True)
    layout.require_own_folders(project)


def test_a_lock_that_leads_elsewhere_makes_no_file_there(tmp_path: Path) -> None:
    project = tmp_path / "film"
    (project / ".cineforge").mkdir(parents=True)
    (project / ".cineforge" / "index.lock").symlink_to(tmp_path / "planted")
    with pytest.raises(CineForgeError, match=r"index\.lock"):
        ArtifactStore(project).heads()
    assert not (tmp_path / "planted").exists()


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
