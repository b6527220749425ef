"""What somebody planted in a project leads nothing out of it: links, and records that name places elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from cineforge.model.errors import StoreDamaged
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, layout

from .scene import BY_HAND, save


@pytest.fixture(autouse=True)
def _ends_in_any_case() -> Iterator[None]:
    """A test that hangs fails, long after it would have ended on the busiest machine."""
    signal.alarm(300)
    yield
    signal.alarm(0)


SCENE = ArtifactKey("scene", "scene_7")
FIRST = ArtifactRef(artifact_type="scene", entity_id="scene_7", version=1)
TOKEN = "0123456789abcdef"


def _snapshot(folder: Path) -> dict[str, tuple[int, bytes | str]]:
    """Every path below a folder with its mode and what it holds."""
    found: dict[str, tuple[int, bytes | str]] = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        content: bytes | str = ""
        if path.is_symlink():
            content = str(path.readlink())
        elif path.is_file():
            content = path.read_bytes()
        found[str(path)] = stat.S_IMODE(path.lstat().st_mode), content
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with ArtifactStore(tmp_path / "film") as store:
        store.save_artifact(
            "scene", "scene_7", {"heading": "INT. HOUSE"}, BY_HAND, files={"still.png": b"png"}
        )
    return tmp_path / "film"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    (folder / "v0001" / "files").mkdir(parents=True)
    for name in ("data.json", "meta.json", "files/still.png", "files/own.txt"):
        (folder / "v0001" / name).write_text("a person's own", encoding="utf-8")
        (folder / "v0001" / name).chmod(0o664)
    return folder


@pytest.fixture
def staged(project: Path, outside: Path) -> Path:
    """A folder outside that looks just like one that is about to be published; returns it."""
    folder = outside / "staged"
    shutil.copytree(project / "artifacts" / "scene" / "scene_7" / "v0001", folder)
    shutil.rmtree(project / "artifacts" / "scene" / "scene_7" / "v0001")
    with ArtifactStore(project) as store:
        store.reindex()
    return folder


def _declared(folder: Path, staged: Path) -> list[str]:
    return [str(folder), (staged / "meta.json").read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    "named",
    [
        "../outside/staged",
        "{outside}/staged",
        "artifacts/scene/scene_7/../../../../outside/staged",
        "artifacts/scene/other/.staging-" + TOKEN + "-0123456789ab",
        "artifacts/scene/scene_7/.staging-fedcba9876543210-0123456789ab",
        "artifacts/scene/scene_7/v0002",
    ],
)
def test_a_journal_that_names_another_place_moves_nothing(
    project: Path, outside: Path, staged: Path, named: str
) -> None:
    before = _snapshot(outside)
    owners = project / layout.LIVE / "owners"
    owners.mkdir(parents=True, exist_ok=True)
    named = named.format(outside=outside)
    if "staging" in named or named.endswith("v0002"):
        shutil.copytree(staged, project / named)
    (owners / TOKEN).write_bytes(b"detached\n")
    declared = [[named, (staged / "meta.json").read_text(encoding="utf-8")]]
    (owners / f"{TOKEN}.batch").write_text(json.dumps(declared), encoding="utf-8")
    with ArtifactStore(project) as store:
        assert store.head(SCENE) is None
    assert not (project / "artifacts" / "scene" / "scene_7" / "v0001").exists()
    assert _snapshot(outside) == before


@pytest.mark.parametrize("content", [b"[1]", b"{}", b"[[1, 2]]", b"[[]]", b"7", b"[" * 5000])
def test_a_journal_that_makes_no_sense_is_passed_over(project: Path, content: bytes) -> None:
    owners = project / layout.LIVE / "owners"
    owners.mkdir(parents=True, exist_ok=True)
    (owners / TOKEN).write_bytes(b"detached\n")
    (owners / f"{TOKEN}.batch").write_bytes(content)
    with ArtifactStore(project) as store:
        assert store.head(SCENE) == FIRST


def test_a_staging_folder_that_is_a_link_is_not_published(
    project: Path, outside: Path, staged: Path
) -> None:
    before = _snapshot(outside)
    owners = project / layout.LIVE / "owners"
    owners.mkdir(parents=True, exist_ok=True)
    name = f"artifacts/scene/scene_7/.staging-{TOKEN}-0123456789ab"
    (project / name).symlink_to(staged)
    (owners / TOKEN).write_bytes(b"detached\n")
    declared = [[name, (staged / "meta.json").read_text(encoding="utf-8")]]
    (owners / f"{TOKEN}.batch").write_text(json.dumps(declared), encoding="utf-8")
    with ArtifactStore(project) as store:
        assert store.head(SCENE) is None
    assert _snapshot(outside) == before


@pytest.mark.parametrize("named", ["{outside}/staged", "../outside/staged"])
def test_an_intent_in_the_index_that_names_another_place_moves_nothing(
    project: Path, outside: Path, staged: Path, named: str
) -> None:
    before = _snapshot(outside)
    with closing(sqlite3.connect(project / layout.PRIVATE / "index.sqlite")) as db:
        meta = (staged / "meta.json").read_bytes()
        row = ("b" * 16, 0, TOKEN, named.format(outside=outside), "scene", "scene_7", 1, meta)
        db.execute("INSERT INTO intent VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        db.commit()
    with ArtifactStore(project) as store:
        store.list_artifacts()
        save(store)
    assert _snapshot(outside) == before
    assert (outside / "staged").is_dir()


PLACES = [
    "artifacts",
    "artifacts/scene",
    "artifacts/scene/scene_7",
    "artifacts/scene/scene_7/v0001",
    "artifacts/scene/scene_7/v0001/data.json",
    "artifacts/scene/scene_7/v0001/meta.json",
    "artifacts/scene/scene_7/v0001/files",
    "artifacts/scene/scene_7/v0001/files/still.png",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("inside", [False, True], ids=["outwards", "within"])
def test_a_version_behind_a_link_is_damaged_and_what_the_link_leads_to_is_left_alone(
    project: Path, tmp_path: Path, place: str, inside: bool
) -> None:
    # The very bytes that were sealed, so that nothing but the link is wrong.
    elsewhere = (project / "kept" if inside else tmp_path / "elsewhere") / "it"
    elsewhere.parent.mkdir()
    (project / place).rename(elsewhere)
    (project / place).symlink_to(elsewhere)
    for path in [elsewhere, *elsewhere.rglob("*")]:
        if path.is_file():
            path.chmod(0o664)
    before = _snapshot(elsewhere.parent)
    with ArtifactStore(project) as store:
        if "v0001" in place or not inside:
            assert store.damage(FIRST) is not None
            assert "link" in str(store.damage(FIRST))
        with suppress(StoreDamaged):
            store.make_read_only(FIRST)
    if "v0001" in place or not inside:
        assert _snapshot(elsewhere.parent) == before


@pytest.mark.parametrize("leads_to", ["folder", "file", "nothing"])
def test_a_link_beside_the_attached_files_is_damage(
    project: Path, outside: Path, leads_to: str
) -> None:
    target = {"folder": outside, "file": outside / "v0001" / "data.json", "nothing": Path("/none")}
    (project / "artifacts/scene/scene_7/v0001/files/more").symlink_to(target[leads_to])
    before = _snapshot(outside)
    with ArtifactStore(project) as store:
        assert "was added after" in str(store.damage(FIRST))
        store.make_read_only(FIRST)
    assert _snapshot(outside) == before


@pytest.mark.parametrize(
    "place", ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm", "index.fresh"]
)
def test_a_link_in_place_of_the_index_leads_nothing_out(
    project: Path, outside: Path, place: str
) -> None:
    target = outside / "v0001" / "data.json"
    before = _snapshot(outside)
    planted = project / layout.PRIVATE / place
    planted.unlink(missing_ok=True)
    planted.symlink_to(target)
    try:
        with ArtifactStore(project) as store:
            save(store)
    except StoreDamaged as error:
        assert "symbolic link" in str(error)
    assert _snapshot(outside) == before


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
@pytest.mark.parametrize("place", ["owners/{token}", "owners/{token}.batch", "reserved/run-1"])
def test_what_is_no_file_among_the_lists_of_the_living_stops_nobody(
    project: Path, outside: Path, place: str, kind: str
) -> None:
    before = _snapshot(outside)
    planted = project / layout.LIVE / place.format(token=TOKEN)
    planted.parent.mkdir(parents=True, exist_ok=True)
    if place.endswith(".batch"):
        (project / layout.LIVE / "owners" / TOKEN).write_bytes(b"detached\n")
    if kind == "pipe":
        os.mkfifo(planted)
    elif kind == "folder":
        planted.mkdir()
    else:
        planted.symlink_to(outside / "v0001" / "data.json")
    with ArtifactStore(project) as store:
        assert store.head(SCENE) == FIRST
        assert save(store).version == 2
        store.reindex()
    assert _snapshot(outside) == before


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "huge"])
@pytest.mark.parametrize("name", ["data.json", "meta.json", "files/still.png"])
def test_what_is_no_file_in_a_version_is_damage_and_hangs_nothing(
    project: Path, name: str, kind: str
) -> None:
    path = project / "artifacts/scene/scene_7/v0001" / name
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(1 << 42)
    else:
        try:
            os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # as /dev/zero, which has no end
        except PermissionError:
            pytest.skip("only root makes devices")
    with ArtifactStore(project) as store:
        assert str(path) in str(store.damage(FIRST))
        store.make_read_only(FIRST)
        assert store.repair_index() is (name == "meta.json")
        assert save(store).version == 2


def test_a_payload_larger_than_what_is_read_is_not_taken(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cineforge.model.errors import InvalidPayload
    from cineforge.store.disk import safe_files

    monkeypatch.setattr(safe_files, "LIMIT", 1000)
    with pytest.raises(InvalidPayload, match="attach"):
        store.save_artifact("scene", "scene_7", {"text": "x" * 1000}, BY_HAND)
    assert store.list_artifacts() == []


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_a_file_of_ours_is_written_through_no_link(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    from cineforge.store.disk import safe_files

    (tmp_path / "own").write_text("a person's own", encoding="utf-8")
    link(tmp_path / "own", tmp_path / "draft")
    safe_files.write_new(tmp_path / "draft", "ours")
    safe_files.write_new(tmp_path / "draft", "our")
    assert (tmp_path / "draft").read_text(encoding="utf-8") == "our"
    assert (tmp_path / "own").read_text(encoding="utf-8") == "a person's own"
