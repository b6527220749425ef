"""A project that is moved while a store is at work in it is told as that."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import Provenance, Source
from cineforge.store import ArtifactStore
from cineforge.store.index import index_file


def test_just_as_its_index_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = tmp_path / "film"
    film.mkdir()
    with ArtifactStore(film) as store:
        store.save_artifact("script", None, {}, Provenance(source=Source.AI))

    def gone(_path: Path) -> sqlite3.Connection:
        film.rename(tmp_path / "elsewhere")
        raise sqlite3.DatabaseError("another process is about to replace the index")

    monkeypatch.setattr(index_file, "open_checked", gone)
    with ArtifactStore(film) as store, pytest.raises(StoreDamaged, match=r"was it moved\?"):
        store.heads()
