"""`cineforge verify` names every damaged version, whatever the index knows of it, and what is built on it."""

from __future__ import annotations

import shutil

import pytest

from .conftest import Film


@pytest.mark.parametrize("reindexed", [False, True])
def test_a_damaged_record_is_named_with_what_is_built_on_it(film: Film, reindexed: bool) -> None:
    film.damage("verse/verse_1/v0001/meta.json")
    if reindexed:
        assert "verse_1" in film.ask("reindex").err
    for _ in range(2):  # also when the index knows it no more
        said = film.ask("verify", "--json")
        assert said.status == 1
        (damaged,) = said.json["damaged"]
        assert damaged["ref"] == "verse/verse_1@1"
        assert damaged["built_on_it"] == ["board@1"]
        assert said.json["versions"] == 4


@pytest.mark.parametrize("reindexed", [False, True])
def test_a_version_whose_folder_is_gone_is_named_by_what_was_made_from_it(
    film: Film, reindexed: bool
) -> None:
    shutil.rmtree(film.version("tale/_/v0001"))
    if reindexed:
        film.ask("reindex")
    said = film.ask("verify")
    assert said.status == 1
    lines = said.out.splitlines()
    assert lines[0].startswith("tale@1: ")
    assert "is gone" in lines[0]
    assert lines[1:4] == [
        f"  built on it: {name}" for name in ("verse/verse_1@1", "verse/verse_2@1", "board@1")
    ]
    assert lines[-1] == "4 versions, 1 damaged"


def test_a_parent_that_was_put_in_place_of_another_is_told_by_its_child(film: Film) -> None:
    other = film.folder.parent / "other"
    from cineforge.store import ArtifactStore

    from .conftest import SAID

    with ArtifactStore(other) as store:
        store.save_artifact("tale", None, {"draft": "another"}, SAID)
    shutil.rmtree(film.version("tale/_/v0001"))
    shutil.copytree(other / "artifacts/tale/_/v0001", film.version("tale/_/v0001"))
    said = film.ask("verify", "--json")
    refs = [damaged["ref"] for damaged in said.json["damaged"]]
    assert refs == ["tale@1", "verse/verse_1@1", "verse/verse_2@1"]
    assert "another version than was known under this number" in said.json["damaged"][0]["what"]
    film.ask("reindex")
    refs = [damaged["ref"] for damaged in film.ask("verify", "--json").json["damaged"]]
    assert refs == ["verse/verse_1@1", "verse/verse_2@1"], "the children tell for ever"


def test_files_that_were_writable_are_made_read_only_again(film: Film) -> None:
    # As after a clone: git keeps no such mode.
    files = [path for path in film.version("verse/verse_1/v0001").rglob("*") if path.is_file()]
    for path in files:
        path.chmod(0o644)
    said = film.ask("verify")
    assert said.status == 0
    assert "1 version could be written to, and is read-only again" in said.out
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert "read-only" not in film.ask("verify").out
