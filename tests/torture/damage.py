"""Bit flips and truncation in every kind of file a project has."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from cineforge.model.health import AssessedBy, Assessment, Hold, HoldAction, Verdict
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, stage_payload
from tests.torture.children import Child, Say, cineforge
from tests.torture.kills import save_batch, save_one
from tests.torture.trials import Bench, Trials
from tests.torture.truth import SAID, Truth, new_project, versions


def damaged_versions(bench: Bench, count: int) -> Trials:
    """A flipped bit, or a file cut short, in payloads, records and attached files.

    `verify` must name the version; all others stay; saving goes on; with the file restored all is well.
    """
    trials = Trials("bit flips and truncation in versions")
    made = film(bench.folder)
    names = [name for name in versions(made) if "/check/" not in name]
    for n in range(count):
        copy = _copy(made, bench.folder / "copy")
        name = names[n % len(names)]
        harmed = _harm(copy / name, bench)
        trials.record(f"{name} {harmed}", _after_harm_to_version(copy, made, name))
    trials.note = f"{len(names)} files of versions, each in turn"
    return trials


def damaged_caches(bench: Bench, count: int) -> Trials:
    """The same to everything else: index, its log, owners' lists, locks, links.

    None of these is the truth: no command may end with a traceback, no version be harmed, and what `status` says
    after `verify` must be right.
    """
    trials = Trials("bit flips and truncation in caches")
    crashed = film(bench.folder, "crashed", crashed=True)
    closed = film(bench.folder, "closed")
    # After a crash most of the index is in its log; in a closed project all of it is in the file itself.
    index = closed / ".cineforge" / "index.sqlite"
    wanted = [path for path in _caches(crashed) if path.is_symlink() or path.stat().st_size]
    victims = [each for path in wanted for each in ((crashed, path), (closed, index))]
    right = {made: _status_of(made, bench.folder / "untouched") for made in (crashed, closed)}
    unnoticed = 0
    for n in range(count):
        made, path = victims[n % len(victims)]
        copy = _copy(made, bench.folder / "copy")
        name = path.relative_to(made)
        harmed = _harm(copy / name, bench)
        losses, at_once = _after_harm_to_cache(copy, right[made])
        unnoticed += not at_once
        trials.record(f"{made.name}: {name} {harmed}", losses)
    trials.note = f"{unnoticed} told wrong by status until verify mended the index"
    return trials


def _status_of(made: Path, copy: Path) -> str:
    """What `status` says of a copy: the project itself is left as it is."""
    return cineforge("status", "--json", "--directory", str(_copy(made, copy))).output


def film(folder: Path, name: str = "film", *, crashed: bool = False) -> Path:
    """A project with every kind of version; `crashed`: left by processes that were killed at work."""
    project = new_project(folder, name)
    with ArtifactStore(project) as store:
        script = store.save_artifact("script", None, {"draft": 1}, SAID)
        for n in range(3):
            from_script = _made_from(script)
            scene = store.save_artifact(
                "scene", f"scene_{n}", {"n": n}, from_script, files={"board/page.png": bytes(500)}
            )
            store.save_artifact("report", f"scene_{n}", {"n": n}, _made_from(scene))
        heads = {str(key.entity_id): row for key, row in store.heads().items() if key[0] == "scene"}
        members = {
            entity: Member(version=row.ref.version, content=row.content, outcome=Outcome.NEW)
            for entity, row in heads.items()
        }
        named = Collection(members={"scene": members})
        store.save_artifact("breakdown.members", None, named, _made_from(script))
        newer = store.save_artifact("script", None, {"draft": 2}, SAID)
        store.assess(
            Assessment(
                subject=heads["scene_1"].ref,
                verdict=Verdict.CONFIRMED,
                examined=(newer,),
                by=AssessedBy.PERSON,
                who="the editor",
                why="read both",
            )
        )
        hold = Hold(artifact_type="script", action=HoldAction.HOLD, who="the writer", why="locked")
        store.record_hold(hold)
    if crashed:
        for deed in (save_one, save_batch):
            _crash(project, deed)
    return project


def _made_from(ref: ArtifactRef) -> Provenance:
    return Provenance(source=Source.AI, lineage=(Parent(ref=ref, role="input"),))


def _crash(film: Path, deed: Callable[..., None]) -> None:
    """Do a deed, leave something staged, and die."""

    def work(say: Say) -> None:
        store = ArtifactStore(film)
        deed(store, random.Random(1), say)
        stage_payload(film, ArtifactKey("shot", "shot_9"), {}, {}, store.owner)
        os.kill(os.getpid(), signal.SIGKILL)

    Child(work).end()


def _copy(film: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    return shutil.copytree(film, target, symlinks=True)


def _caches(film: Path) -> list[Path]:
    inside = [path for path in film.rglob("*") if path.is_symlink() or path.is_file()]
    truth = set(versions(film))
    # A file in the place of a link in current/ is somebody's work: kept, told, and tried in `links`.
    names = ((path, path.relative_to(film).as_posix()) for path in inside)
    return sorted(
        path for path, name in names if name not in truth and not name.startswith("current/")
    )


def _harm(path: Path, bench: Bench) -> str:
    """Flip one bit, or cut the file; a link is replaced by a file of noise."""
    luck = bench.luck
    if path.is_symlink():
        path.unlink()
        path.write_bytes(luck.randbytes(40))
        return "replaced by noise"
    raw = bytearray(path.read_bytes())
    path.chmod(0o644)
    if luck.random() < 0.25:
        size = luck.randrange(len(raw))
        path.write_bytes(raw[:size])
        return f"cut to {size} of {len(raw)} bytes"
    # Where something is written: most of an index is room not yet used.
    written = [place for place, byte in enumerate(raw) if byte] or range(len(raw))
    bit = luck.choice(written) * 8 + luck.randrange(8)
    raw[bit // 8] ^= 1 << bit % 8
    path.write_bytes(raw)
    return f"with bit {bit} flipped"


def _after_harm_to_version(copy: Path, film: Path, name: str) -> list[str]:
    where = ("--directory", str(copy))
    _, artifact_type, entity, version, *_ = name.split("/")
    damaged = f"{artifact_type}{'' if entity == '_' else '/' + entity}@{int(version[1:])}"
    before = versions(copy)
    verify = cineforge("verify", *where)
    losses = verify.losses(1)
    if not any(line.startswith(f"{damaged}: ") for line in verify.output.splitlines()):
        losses.append(f"verify does not name {damaged}: {verify.output.strip()}")
    key = damaged.partition("@")[0]
    for words in (
        ["status"],
        ["why", key],
        ["lineage", key],
        ["lineage", key, "--down"],
        ["history", key],
    ):
        losses += cineforge(*words, *where).losses(0, 1)
    losses += cineforge("reindex", *where).losses(0, 1)
    losses += cineforge("status", *where).losses()
    plain = artifact_type in ("script", "scene", "report", "shot")
    losses += _saves_on(copy, *((artifact_type, entity) if plain else ("note", "_")), before)
    (copy / name).chmod(0o644)
    (copy / name).write_bytes((film / name).read_bytes())
    losses += cineforge("reindex", *where).losses() + cineforge("verify", *where).losses()
    return losses + Truth(copy).everything()


def _after_harm_to_cache(copy: Path, right: str) -> tuple[list[str], bool]:
    """What was lost, and whether `status` was right from the first."""
    where = ("--directory", str(copy))
    before = versions(copy)
    status = cineforge("status", "--json", *where)
    losses = status.losses()
    for words in (["why", "report/scene_1"], ["lineage", "report/scene_1"], ["history", "script"]):
        losses += cineforge(*words, *where).losses(0, 1)
    losses += _saves_on(copy, "note", "_", before)
    losses += cineforge("verify", *where).losses(0, 1)
    losses += cineforge("verify", *where).losses()
    shutil.rmtree(copy / "artifacts" / "note", ignore_errors=True)
    losses += cineforge("reindex", *where).losses()
    mended = cineforge("status", "--json", *where)
    if mended.output != right:
        losses.append(f"status is wrong after verify: {mended.output.strip()}")
    return losses + Truth(copy).everything(), status.output == right


def _saves_on(
    project: Path, artifact_type: str, entity: str, before: Mapping[str, bytes]
) -> list[str]:
    """A save to the artifact gets a fresh number, and leaves every published byte alone."""

    def save(say: Say) -> None:
        with ArtifactStore(project) as store:
            head = store.head(ArtifactKey("script"))
            said = _made_from(head) if head else SAID
            name = None if entity == "_" else entity
            say(str(store.save_artifact(artifact_type, name, {"more": 1}, said)))

    status, _ = Child(save).end()
    after = versions(project)
    losses = [f"saving changed {name}" for name, raw in before.items() if after.get(name) != raw]
    if status != 0:
        losses.append(f"saving on fails with status {status}")
    return losses
