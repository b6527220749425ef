"""Folders are removed however deep they are, and nothing outside of them."""

from __future__ import annotations

import os
from pathlib import Path

from cineforge.store import ArtifactStore, layout
from cineforge.store.disk.removing import remove_folder

LEVELS = 3000


def nest(folder: Path) -> None:
    """Folders in folders, deeper than a path may be long, with files and links on the way."""
    folder.mkdir(parents=True)
    at = os.open(folder, os.O_RDONLY)
    for level in range(LEVELS):
        os.mkdir("d", dir_fd=at)
        if level % 100 == 0:
            os.symlink("/", "link", dir_fd=at)
            os.mkdir("beside", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)


def test_thousands_of_levels_go_and_what_links_lead_to_stays(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    nest(tmp_path / "deep")
    (tmp_path / "deep" / "out").symlink_to(kept)
    remove_folder(tmp_path / "deep")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (kept / "file").is_file()


def test_what_a_dead_module_has_nested_stops_no_command(tmp_path: Path) -> None:
    with ArtifactStore(tmp_path) as store:
        store.heads()
    nest(tmp_path / layout.SCRATCH / "0123456789abcdef")
    with ArtifactStore(tmp_path) as store:
        store.heads()
    assert not any((tmp_path / layout.SCRATCH).iterdir())
