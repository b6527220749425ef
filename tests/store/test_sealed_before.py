"""Of many parents nearly all are those of the version before: what that has sealed of them is not read anew."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cineforge.model.errors import InvalidPayload
from cineforge.model.metadata import Parent, Provenance
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactRef
from cineforge.store import ArtifactStore, layout
from cineforge.store.disk import safe_files
from cineforge.store.versions import seal

SAID = Provenance()


class Pieces:
    """Many small artifacts, of which one is made of all."""

    def __init__(self, store: ArtifactStore, count: int) -> None:
        self._store = store
        self.refs: list[ArtifactRef] = []
        self.contents: list[str] = []
        for number in range(count):
            self._add(number, number)

    def edit_the_last(self) -> None:
        number = len(self.refs) - 1
        self.refs.pop()
        self.contents.pop()
        self._add(number, -1)

    def _add(self, number: int, data: int) -> None:
        ref = self._store.save_artifact("piece", f"p{number}", data, SAID)
        self.refs.append(ref)
        self.contents.append(self._store.metadata(ref).content)

    def board(self) -> ArtifactRef:
        """Made from all of them."""
        parents = tuple(Parent(ref=ref, role="pieces") for ref in self.refs)
        said = SAID.model_copy(update={"lineage": parents})
        return self._store.save_artifact("board", None, {}, said)

    def collection(self) -> ArtifactRef:
        """Names all of them."""
        named = {
            str(ref.entity_id): Member(version=ref.version, content=content, outcome=Outcome.KEPT)
            for ref, content in zip(self.refs, self.contents, strict=True)
        }
        data = Collection(members={"piece": named}).model_dump(mode="json")
        return self._store.save_artifact("many.members", None, data, SAID)


both = pytest.mark.parametrize("make", [Pieces.board, Pieces.collection])
Make = Callable[[Pieces], ArtifactRef]


@contextmanager
def records_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """The records of pieces that are read meanwhile."""
    found: list[Path] = []
    read = safe_files.read_regular

    def noted(path: Path) -> bytes:
        if path.name == layout.META_FILE and "piece" in path.parts:
            found.append(path)
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(seal, "read_regular", noted)
        yield found


def change_index(store: ArtifactStore, statement: str) -> None:
    with closing(sqlite3.connect(store.project / layout.INDEX)) as db, db:
        assert db.execute(statement).rowcount > 0


@both
def test_what_is_made_again_of_many_reads_as_few_records_however_many_there_are(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    read = []
    for count in (50, 100):
        pieces = Pieces(store, count)
        make(pieces)
        pieces.edit_the_last()
        with records_read(monkeypatch) as records:
            made = make(pieces)
        store.verify(made)
        read.append(len(records))
    assert read[0] == read[1] < 50


@pytest.mark.parametrize(
    ("make", "damaged"),
    [
        (Pieces.board, layout.META_FILE),
        (Pieces.collection, layout.META_FILE),
        (Pieces.collection, layout.DATA_FILE),
    ],
)
def test_where_the_version_before_is_damaged_each_is_read(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, make: Make, damaged: str
) -> None:
    pieces = Pieces(store, 50)
    path = store.folder(make(pieces)) / damaged
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"sha256:", b"sha256:0", 1) + b" ")
    with records_read(monkeypatch) as records:
        made = make(pieces)
    store.verify(made)
    assert len(records) == 50


def test_nothing_is_sealed_of_many_that_the_index_alone_says(store: ArtifactStore) -> None:
    pieces = Pieces(store, 50)
    pieces.board()
    change_index(store, f"UPDATE version SET seal = 'sha256:{'f' * 64}'")
    change_index(store, "UPDATE content SET digest = 'sha256:' || printf('%064x', id)")
    store.verify(pieces.board())


def test_of_many_members_each_is_named_with_the_content_it_has(store: ArtifactStore) -> None:
    pieces = Pieces(store, 50)
    pieces.collection()
    pieces.contents[-1] = pieces.contents[0]
    with pytest.raises(InvalidPayload, match=r"names piece/p49@1 with another content"):
        pieces.collection()


def test_what_the_version_before_says_counts_of_heads_alone(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = Pieces(store, 50)
    pieces.board()
    older = pieces.refs[-1]
    pieces.edit_the_last()
    pieces.refs[-1] = older
    with records_read(monkeypatch) as records:
        made = pieces.board()
    store.verify(made)
    assert store.folder(older) / layout.META_FILE in records


@both
def test_a_parent_that_others_replaced_is_read_anew(
    store: ArtifactStore, tmp_path: Path, make: Make
) -> None:
    """As another branch does: another version under the same number, of which the version before knew nothing."""
    pieces = Pieces(store, 50)
    make(pieces)
    replaced = pieces.refs[-1]
    with ArtifactStore(tmp_path / "branch") as branch:
        other = branch.save_artifact("piece", replaced.entity_id, "another", SAID)
        theirs, content = branch.folder(other), branch.metadata(other).content
    ours = store.folder(replaced)
    ours.chmod(0o755)
    shutil.rmtree(ours)
    shutil.copytree(theirs, ours)
    store.check_folders(deep=True)
    pieces.contents[-1] = content
    made = make(pieces)
    store.verify(made)
    if make is Pieces.board:
        assert store.metadata(made).lineage[-1].content == content
