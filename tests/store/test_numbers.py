"""Version numbers: taken, reserved, given back, and never used twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cineforge.model.errors import VersionExists
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore, Publication, stage_payload
from cineforge.store.publishing import single
from cineforge.store.publishing.renames import move_into_place
from cineforge.store.publishing.sealing import Intent

from .scene import BY_HAND, SCENE, head_of, save


def test_more_than_ten_versions_are_listed_in_numerical_order(store: ArtifactStore) -> None:
    for n in range(12):
        save(store, str(n))
    assert [ref.version for ref in store.list_versions("scene", "scene_7")] == list(range(1, 13))
    assert head_of(store, SCENE).version == 12


def test_versions_beyond_9999_get_more_digits_and_are_found_again(store: ArtifactStore) -> None:
    staged = stage_payload(store.project, SCENE, {"n": 1}, {}, store.owner)
    (ref,) = store.publish([Publication(staged, BY_HAND, version=10_000)])
    assert store.load_artifact(ref).folder.name == "v10000"
    store.reindex()
    assert save(store).version == 10_001


def test_a_taken_number_is_refused_and_the_version_left_alone(store: ArtifactStore) -> None:
    ref = save(store, "one")
    staged = stage_payload(store.project, SCENE, {"text": "two"}, {}, store.owner)
    with pytest.raises(VersionExists, match="scene/scene_7@1 exists"):
        store.publish([Publication(staged, BY_HAND, version=1)])
    assert store.checked_data(ref) == {"text": "one"}


def test_a_folder_the_index_does_not_know_is_not_overwritten(store: ArtifactStore) -> None:
    save(store)
    stray = store.project / "artifacts" / "scene" / "scene_7" / "v0002"
    stray.mkdir()
    assert save(store).version == 3
    assert list(stray.iterdir()) == []


def test_a_run_reserves_no_number_of_a_folder_the_index_does_not_know(store: ArtifactStore) -> None:
    other = ArtifactKey("report", "scene_7")
    (store.project / "artifacts" / "scene" / "scene_7" / "v0001").mkdir(parents=True)
    (store.project / "artifacts" / "report" / "scene_7" / "v0002").mkdir(parents=True)
    assert store.reserve([SCENE, other], "run_1", common=True) == {SCENE: 3, other: 3}
    assert store.reserve([SCENE, other], "run_2") == {SCENE: 4, other: 4}


def test_an_older_number_may_be_published_after_a_newer_one(store: ArtifactStore) -> None:
    numbers = store.reserve([SCENE], "run_1")
    assert save(store, "by hand").version == 2
    staged = stage_payload(store.project, SCENE, {"text": "paid for"}, {}, store.owner)
    store.publish([Publication(staged, BY_HAND, numbers[SCENE])])
    assert [ref.version for ref in store.list_versions("scene", "scene_7")] == [1, 2]
    assert head_of(store, SCENE).version == 2
    assert json.loads((store.project / "current/scene/scene_7.json").read_text()) == {
        "text": "by hand"
    }


def test_reserved_numbers_are_passed_over_until_released(store: ArtifactStore) -> None:
    assert store.reserve([SCENE], "run_1") == {SCENE: 1}
    assert store.reserve([SCENE], "run_2") == {SCENE: 2}
    store.release({SCENE: 2})
    assert save(store).version == 2
    store.release({SCENE: 1})
    assert save(store).version == 3


def test_what_is_saved_while_a_run_is_on_stays_above_what_the_run_makes(
    store: ArtifactStore,
) -> None:
    """Also where the run took a higher number than the next, as it has to be free for other outputs, too."""
    other = ArtifactKey("report", "scene_7")
    save(store)
    save(store)
    numbers = store.reserve([SCENE, other], "run_1", common=True)
    mine = store.save_artifact(*other, {"text": "by hand"}, BY_HAND)
    for key in (SCENE, other):
        staged = stage_payload(store.project, key, {"text": "paid for"}, {}, store.owner)
        store.publish([Publication(staged, BY_HAND, numbers[key])])
    assert store.head(other) == mine


def test_a_common_number_is_free_for_all(store: ArtifactStore) -> None:
    other = ArtifactKey("report", "scene_7")
    save(store)
    store.reserve([SCENE], "run_1")
    store.reserve([other, other], "run_1")
    assert store.reserve([SCENE, other], "run_2", common=True) == {SCENE: 3, other: 3}


def test_a_folder_that_appears_at_the_last_moment_is_passed_over(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = store.project / "artifacts" / "scene" / "scene_7" / "v0001"

    def too_late(project: Path, intent: Intent) -> None:
        stray.mkdir(exist_ok=True)
        move_into_place(project, intent)

    monkeypatch.setattr(single, "move_into_place", too_late)
    ref = save(store)
    assert ref.version == 2
    store.verify(ref)
    assert list(stray.iterdir()) == []


def test_a_folder_that_appears_under_a_number_asked_for_is_left_alone(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = stage_payload(store.project, SCENE, {"text": "paid for"}, {}, store.owner)

    def too_late(project: Path, intent: Intent) -> None:
        intent.folder.with_name("v0005").mkdir()
        move_into_place(project, intent)

    with monkeypatch.context() as patched:
        patched.setattr(single, "move_into_place", too_late)
        with pytest.raises(VersionExists, match="scene/scene_7@5"):
            store.publish([Publication(staged, BY_HAND, 5)])
    assert store.publish([Publication(staged, BY_HAND)])[0].version == 1
