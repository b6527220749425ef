"""What is refused at the store's door: names, payloads and links that lead outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.model.errors import InvalidName, InvalidPayload, StoreDamaged
from cineforge.store import ArtifactStore, layout

from .scene import BY_HAND, save


@pytest.mark.parametrize(
    "entity", ["../evil", "a/b", "", ".", "..", "_", "Scene_7", "a\0b", "a\n", "x" * 121, "a..b"]
)
def test_hostile_entity_ids_are_refused(store: ArtifactStore, entity: str) -> None:
    with pytest.raises(InvalidName):
        store.save_artifact("scene", entity, {}, BY_HAND)
    assert not (store.project / "artifacts").exists()


@pytest.mark.parametrize("artifact_type", ["../up", "Scene", "", "a.b", "import.members", "a b"])
def test_hostile_types_are_refused(store: ArtifactStore, artifact_type: str) -> None:
    with pytest.raises(InvalidName):
        store.save_artifact(artifact_type, None, {}, BY_HAND)


@pytest.mark.parametrize(
    "data", [{1: "a"}, {"x": float("nan")}, {"x": {1, 2}}, {"x": "\ud800"}, object()]
)
def test_a_payload_that_is_not_plain_json_is_refused(store: ArtifactStore, data: object) -> None:
    with pytest.raises(InvalidPayload, match="not plain JSON"):
        store.save_artifact("scene", "scene_7", data, BY_HAND)
    assert store.list_artifacts() == []


@pytest.mark.parametrize("level", ["artifacts", "artifacts/scene", "artifacts/scene/scene_7"])
def test_a_planted_link_leading_outside_is_refused(
    store: ArtifactStore, tmp_path: Path, level: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    planted = store.project / level
    planted.parent.mkdir(parents=True)
    planted.symlink_to(outside, target_is_directory=True)
    with pytest.raises(StoreDamaged, match="leads out of the project"):
        save(store)
    assert list(outside.iterdir()) == []


def test_a_planted_link_among_the_current_links_is_refused(
    store: ArtifactStore, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (store.project / "current").mkdir(parents=True)
    (store.project / "current" / "scene").symlink_to(outside, target_is_directory=True)
    with pytest.raises(StoreDamaged, match="leads out of the project"):
        save(store)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "place",
    [
        ".cineforge",
        "runs",
        "runs/monday",
        "artifacts/.live",
        ".snakemake/metadata",
    ],
)
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


def test_below_the_private_folder_no_link_to_a_folder_is_taken(tmp_path: Path) -> None:
    project = tmp_path / "film"
    (project / ".cineforge").mkdir(parents=True)
    (project / "elsewhere").mkdir()
    (project / ".cineforge/compiled").symlink_to(project / "elsewhere", target_is_directory=True)
    with pytest.raises(StoreDamaged, match="is a symbolic link"):
        layout.require_own_folders(project)
