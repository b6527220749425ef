"""Attached files, and damage found by digests and seals."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cineforge.model.canonical import digest_bytes
from cineforge.model.errors import InvalidName, InvalidPayload, StoreDamaged
from cineforge.model.metadata import Fingerprint, GatheredSet, Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, stage_payload

SAID = Provenance(source=Source.AI)
DIGEST = digest_bytes(b"")


def save(
    store: ArtifactStore, data: object, files: dict[str, Path | bytes] | None = None
) -> ArtifactRef:
    return store.save_artifact("board", None, data, SAID, files=files)


def edit(path: Path, before: bytes, after: bytes) -> None:
    content = path.read_bytes()
    assert before in content
    path.chmod(0o644)
    path.write_bytes(content.replace(before, after, 1))


def test_attached_files_are_listed_with_digest_and_size(
    store: ArtifactStore, tmp_path: Path
) -> None:
    big = tmp_path / "reel.mov"
    big.write_bytes(os.urandom(3_000_000))
    ref = save(store, {}, {"reel/reel.mov": big, "page.png": b"png"})
    artifact = store.load_artifact(ref)
    listed = {file.path: (file.digest, file.size) for file in artifact.metadata.files}
    assert listed == {
        "page.png": (digest_bytes(b"png"), 3),
        "reel/reel.mov": (digest_bytes(big.read_bytes()), 3_000_000),
    }
    assert (artifact.folder / "files" / "reel" / "reel.mov").read_bytes() == big.read_bytes()
    store.verify(ref)


def test_attached_files_are_part_of_the_content(store: ArtifactStore) -> None:
    first = store.metadata(save(store, {}, {"page.png": b"one"}))
    second = store.metadata(save(store, {}, {"page.png": b"two"}))
    assert first.data_digest == second.data_digest
    assert first.content != second.content


@pytest.mark.parametrize(
    "name",
    [
        "../up",
        "/abs",
        "a/../b",
        "a//b",
        "",
        ".",
        "a\0b",
        "a\nb",
        "c:\\x",
        "x" * 256,
        "a/",
        "a/" * 600 + "b",
    ],
)
def test_hostile_attachment_names_are_refused(store: ArtifactStore, name: str) -> None:
    with pytest.raises(InvalidName):
        save(store, {}, {name: b"x"})
    assert store.list_artifacts() == []


def inode(store: ArtifactStore, ref: ArtifactRef, name: str) -> int:
    return (store.folder(ref) / "files" / name).stat().st_ino


def test_a_file_that_the_version_before_has_too_is_linked_not_copied(
    store: ArtifactStore, tmp_path: Path
) -> None:
    reel = tmp_path / "reel.mov"
    reel.write_bytes(os.urandom(9000))
    first = save(store, {"n": 1}, {"a.mov": reel, "b.png": b"same size"})
    second = save(store, {"n": 2}, {"moved/to.mov": reel, "b.png": b"some size"})
    assert (
        inode(store, second, "moved/to.mov") == inode(store, first, "a.mov") != reel.stat().st_ino
    )
    assert inode(store, second, "b.png") != inode(store, first, "b.png")
    for ref in (first, second):
        store.verify(ref)


def test_a_damaged_file_of_the_version_before_is_not_linked(store: ArtifactStore) -> None:
    first = save(store, {}, {"page.png": b"one"})
    edit(store.folder(first) / "files" / "page.png", b"one", b"two")
    second = save(store, {}, {"page.png": b"one"})
    store.verify(second)
    with pytest.raises(StoreDamaged):
        store.verify(first)


def test_where_links_cannot_be_made_files_are_copied(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = save(store, {}, {"page.png": b"one"})

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    second = save(store, {}, {"page.png": b"one"})
    assert inode(store, second, "page.png") != inode(store, first, "page.png")
    store.verify(second)


def test_attachment_names_that_differ_by_case_alone_are_refused(store: ArtifactStore) -> None:
    with pytest.raises(InvalidName, match="case alone"):
        save(store, {}, {"Page.png": b"x", "page.png": b"y"})


def test_attachment_names_that_are_one_name_on_some_disks_are_refused(store: ArtifactStore) -> None:
    with pytest.raises(InvalidName, match="same accents"):
        save(store, {}, {"caf\u00e9.png": b"x", "cafe\u0301.png": b"y"})


def test_an_attachment_cannot_be_the_folder_of_another(store: ArtifactStore) -> None:
    with pytest.raises(InvalidName, match="also the folder"):
        save(store, {}, {"page": b"x", "page.txt": b"", "page/one.png": b"y"})


def test_a_link_offered_as_attachment_is_refused(store: ArtifactStore, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not of this film")
    link = tmp_path / "page.png"
    link.symlink_to(secret)
    with pytest.raises(InvalidPayload, match="Give a real file, not a link"):
        save(store, {}, {"page.png": link})


def test_a_pipe_offered_as_attachment_is_refused(store: ArtifactStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidPayload, match="not a regular file"):
        save(store, {}, {"page.png": tmp_path / "pipe"})


def test_a_refused_payload_leaves_no_staging_folder(store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidPayload):
        stage_payload(
            store.project, ArtifactKey("board"), {}, {"a": tmp_path / "missing"}, store.owner
        )
    assert list(store.project.glob("artifacts/board/_/*")) == []
    assert list(store.project.glob("artifacts/board/_/.*")) == []


def test_a_flipped_byte_in_the_payload_is_found_on_load(store: ArtifactStore) -> None:
    ref = save(store, {"text": "day"})
    edit(store.load_artifact(ref).folder / "data.json", b"day", b"dax")
    with pytest.raises(StoreDamaged, match=r"data\.json does not match its seal"):
        store.load_artifact(ref)


@pytest.mark.parametrize(
    ("before", "after"),
    [(b'"ai"', b'"human"'), (b'"confidence": 1.0', b'"confidence": 0.9'), (b"}\n", b"}\n\n")],
)
def test_a_changed_byte_in_the_metadata_is_found_on_load(
    store: ArtifactStore, before: bytes, after: bytes
) -> None:
    ref = save(store, {})
    edit(store.load_artifact(ref).folder / "meta.json", before, after)
    with pytest.raises(StoreDamaged, match="do not match its seal"):
        store.load_artifact(ref)


def test_the_record_of_what_many_were_gathered_for_can_be_had_without_naming_them(
    store: ArtifactStore,
) -> None:
    pieces = [store.save_artifact("piece", f"p{n}", n, SAID) for n in range(3)]
    lineage = tuple(Parent(ref=ref, role="pieces") for ref in pieces)
    ids = tuple(f"p{n}" for n in range(3))
    gathered = (GatheredSet(role="pieces", stage="cut", member_type="piece", ids=ids),)
    said = SAID.but(lineage=lineage, gathered=gathered, rationale='\n "lineage": [\n')
    ref = store.save_artifact("board", None, {}, said)
    whole = store.metadata(ref)
    assert store.metadata_in_brief(ref, 4) == whole
    unnamed = whole.model_copy(update={"lineage": (), "gathered": ()})
    assert store.metadata_in_brief(ref, 2) == unnamed
    edit(store.load_artifact(ref).folder / "meta.json", b'"p1"', b'"p0"')
    with pytest.raises(StoreDamaged, match="do not match its seal"):
        store.metadata_in_brief(ref, 2)


def test_metadata_cut_short_is_reported_as_damage(store: ArtifactStore) -> None:
    ref = save(store, {})
    path = store.load_artifact(ref).folder / "meta.json"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(StoreDamaged, match=r"meta\.json is damaged"):
        store.load_artifact(ref)


def test_a_fingerprint_of_a_later_release_is_told_as_that(store: ArtifactStore) -> None:
    made = SAID.but(fingerprint=Fingerprint(digest=DIGEST, stage="board", code=DIGEST))
    ref = store.save_artifact("board", None, {}, made)
    meta = store.load_artifact(ref).folder / "meta.json"
    assert b'"format"' not in meta.read_bytes(), "records of format 1 stay as they are"
    edit(meta, b'"fingerprint": {\n', b'"fingerprint": {\n  "format": 2,\n  "weather": "wet",\n')
    with pytest.raises(StoreDamaged, match="format 2, and this release knows formats up to 1"):
        store.load_artifact(ref)


def test_a_version_copied_under_another_number_is_not_taken_for_one(store: ArtifactStore) -> None:
    ref = save(store, {})
    folder = store.load_artifact(ref).folder
    copy = folder.with_name("v0002")
    copy.mkdir()
    for name in ("data.json", "meta.json"):
        (copy / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(StoreDamaged, match="v0002"):
        store.reindex()
    assert store.list_versions("board") == [ref]


def test_verify_finds_a_changed_attachment(store: ArtifactStore) -> None:
    ref = save(store, {}, {"page.png": b"one"})
    edit(store.load_artifact(ref).folder / "files" / "page.png", b"one", b"two")
    store.load_artifact(ref)
    with pytest.raises(StoreDamaged, match=r"page\.png does not match its seal"):
        store.verify(ref)


def test_verify_finds_a_file_added_after_sealing(store: ArtifactStore) -> None:
    ref = save(store, {}, {"page.png": b"one"})
    (store.load_artifact(ref).folder / "files" / "extra.png").write_bytes(b"two")
    with pytest.raises(StoreDamaged, match=r"extra\.png was added"):
        store.verify(ref)


def test_verify_finds_a_parent_put_in_place_of_the_real_one(
    store: ArtifactStore, tmp_path: Path
) -> None:
    ref = save(store, {"text": "real"})
    said = Provenance(source=Source.AI, lineage=(Parent(ref=ref, role="board"),))
    child = store.save_artifact("report", None, {}, said)
    store.verify(child)
    with ArtifactStore(tmp_path / "forgery") as other:
        forged = other.load_artifact(save(other, {"text": "forged"})).folder
    real = store.load_artifact(ref).folder
    for name in ("data.json", "meta.json"):
        (real / name).unlink()
        (real / name).write_bytes((forged / name).read_bytes())
    store.verify(ref)
    with pytest.raises(StoreDamaged, match="made from another board@1"):
        store.verify(child)
