"""`current/` leads to the heads, or it is said why not; what a person put in the place of a link is kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import Provenance, Source
from cineforge.store import ArtifactStore, LinkNotMade
from cineforge.store.versions import links as module

from .scene import SCENE, head_of

MADE = Provenance(source=Source.AI)


@pytest.fixture
def film(store: ArtifactStore) -> ArtifactStore:
    store.save_artifact(*SCENE, {"text": "one"}, MADE)
    return store


@pytest.fixture
def link(film: ArtifactStore) -> Path:
    return film.project / "current/scene/scene_7.json"


def save(store: ArtifactStore, text: str) -> None:
    store.save_artifact(*SCENE, {"text": text}, MADE)


def shown(link: Path) -> str:
    text: str = json.loads(link.read_text("utf-8"))["text"]
    return text


def edit(link: Path, text: str = "mine") -> None:
    """As `sed -i` and most editors do: a new file takes the link's name."""
    fresh = link.with_name("fresh")
    fresh.write_text(json.dumps({"text": text}), encoding="utf-8")
    fresh.replace(link)


def test_an_edit_is_kept_and_told_with_the_command_that_saves_it(
    film: ArtifactStore, link: Path
) -> None:
    edit(link)
    save(film, "two")
    assert shown(link) == "mine"
    for told in (film.links_not_made(), film.odd_links()):
        (trouble,) = told
        assert trouble.is_edit
        command = "cineforge put scene scene_7 current/scene/scene_7.json --why ..."
        assert f"current/scene/scene_7.json was edited, and is in no version: '{command}'" in str(
            trouble
        )
    assert film.links_not_made() == []


def test_when_an_edit_has_been_saved_the_link_comes_back(film: ArtifactStore, link: Path) -> None:
    edit(link)
    film.save_artifact(*SCENE, json.loads(link.read_bytes()), MADE)
    assert link.is_symlink() and shown(link) == "mine"
    assert film.odd_links() == []


def test_an_edit_that_is_no_json_is_kept_as_well(film: ArtifactStore, link: Path) -> None:
    edit(link)
    link.write_text("{ not yet", encoding="utf-8")
    save(film, "two")
    assert link.read_text("utf-8") == "{ not yet"
    assert film.odd_links()[0].is_edit


def test_a_copy_that_followed_the_links_holds_no_edits(film: ArtifactStore, link: Path) -> None:
    payload = link.read_bytes()
    link.unlink()
    link.write_bytes(payload)
    assert film.odd_links() == []
    save(film, "two")
    assert link.is_symlink() and shown(link) == "two"


def test_a_checkout_without_links_holds_no_edits(film: ArtifactStore, link: Path) -> None:
    target = str(link.readlink())
    link.unlink()
    link.write_text(target, encoding="utf-8")
    save(film, "two")
    assert link.is_symlink() and shown(link) == "two"


def test_what_editors_leave_beside_is_left_alone(film: ArtifactStore, link: Path) -> None:
    beside = [
        link.with_name(name)
        for name in ("scene_7.json~", ".scene_7.json.swp", "other.json", "a.txt")
    ]
    for each in beside:
        each.write_text("theirs", encoding="utf-8")
    save(film, "two")
    assert [each.read_text("utf-8") for each in beside] == ["theirs"] * 4
    assert film.odd_links() == [] and film.links_not_made() == []
    assert shown(link) == "two"


def test_a_link_made_by_hand_is_kept_and_never_written_through(
    film: ArtifactStore, link: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text("mine", encoding="utf-8")
    link.unlink()
    link.symlink_to(mine)
    save(film, "two")
    assert link.readlink() == mine and mine.read_text("utf-8") == "mine"
    (trouble,) = film.links_not_made()
    assert f"is a link to {mine}, made by hand" in str(trouble)


@pytest.mark.parametrize("what", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_kept_and_told(
    film: ArtifactStore, link: Path, what: Callable[[Path], None]
) -> None:
    link.unlink()
    what(link)
    save(film, "two")
    assert not link.is_symlink()
    (trouble,) = film.links_not_made()
    assert "current/scene/scene_7.json is neither a link nor a file" in str(trouble)
    assert [str(each) for each in film.odd_links()] == [str(trouble)]


def test_a_folder_that_leads_out_of_the_project_is_not_written_to(
    film: ArtifactStore, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    current = film.project / "current"
    shutil.rmtree(current)
    current.symlink_to(outside)
    with pytest.raises(StoreDamaged, match="leads out of the project"):
        save(film, "two")
    with pytest.raises(LinkNotMade, match="leads out of the project"):
        film.ensure_current(SCENE)
    assert list(outside.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_told(film: ArtifactStore) -> None:
    current = film.project / "current"
    shutil.rmtree(current)
    current.write_text("what?", encoding="utf-8")
    save(film, "two")
    (trouble,) = film.links_not_made()
    assert "current is no folder" in str(trouble)
    assert head_of(film, SCENE).version == 2


def test_links_that_were_not_made_are_made_when_that_can_be_done(
    film: ArtifactStore, link: Path
) -> None:
    link.unlink()
    link.mkdir()
    save(film, "two")
    link.rmdir()
    assert film.repair_links() == []
    assert shown(link) == "two"


def test_a_link_that_cannot_be_written_is_told_with_what_to_do(
    film: ArtifactStore, link: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(module, "_replace", refused)
    save(film, "two")
    (trouble,) = film.links_not_made()
    assert not trouble.is_edit
    assert "current/scene/scene_7.json cannot be made to lead to scene/scene_7@2" in str(trouble)
    monkeypatch.undo()
    with ArtifactStore(film.project) as next_one:
        assert next_one.repair_links() == []
    assert shown(link) == "two"


def mounted(folder: Path, *options: str) -> bool:
    command = ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_on_another_file_system_the_links_are_right(film: ArtifactStore, link: Path) -> None:
    if not mounted(film.project / "current"):
        pytest.skip("mounting is not permitted here")
    try:
        save(film, "two")
        save(film, "three")
        assert shown(link) == "three"
        assert film.links_not_made() == []
        module.sweep(film.project)
        assert not list((film.project / "current").glob(".*/*"))
    finally:
        subprocess.run(["umount", str(film.project / "current")], check=True)


def test_on_a_read_only_file_system_it_is_told(film: ArtifactStore, link: Path) -> None:
    if not mounted(film.project / "current", "-o", "ro"):
        pytest.skip("mounting is not permitted here")
    try:
        save(film, "two")
        (trouble,) = film.links_not_made()
        assert "cannot be made to lead to scene/scene_7@2" in str(trouble)
        assert "Read-only" in str(trouble)
    finally:
        subprocess.run(["umount", str(film.project / "current")], check=True)
    assert film.repair_links() == []
    assert shown(link) == "two"
