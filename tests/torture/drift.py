"""Folders that change behind the index's back; an index that is old, another project's, or shared by two copies."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore
from tests.torture.children import Child, Say, cineforge
from tests.torture.damage import film
from tests.torture.trials import Bench, Trials
from tests.torture.truth import SAID, Truth

_BY_HAND = Provenance(source=Source.HUMAN)
_KEYS = [ArtifactKey("scene", f"scene_{n}") for n in range(1, 4)] + [ArtifactKey("script")]


def drift(bench: Bench, count: int) -> Trials:
    """Two copies of a project go on apart; then one is brought to the other, or an index where it does not belong."""
    trials = Trials("folders changed, indexes put back, shared or another's")
    made = film(bench.folder)
    for n in range(count):
        project = Path(shutil.copytree(made, bench.folder / f"{n}", symlinks=True))
        other = Path(shutil.copytree(made, bench.folder / f"{n}-other", symlinks=True))
        change = CHANGES[n % len(CHANGES)]
        truth = Truth(project)
        losses = change(project, other, truth, bench.luck)
        # The next command, whichever it is: the index must be right from there on.
        words = bench.luck.choice([["status"], ["history", "script"], ["verify"]])
        losses += cineforge(*words, "--directory", str(project)).losses()
        losses += truth.everything()
        trials.record(change.__name__.strip("_").replace("_", " "), losses)
        shutil.rmtree(project)
        shutil.rmtree(other)
    return trials


def _save(project: Path, luck: random.Random, truth: Truth | None = None) -> None:
    with ArtifactStore(project) as store:
        for _ in range(luck.randint(1, 4)):
            data, said = {"n": luck.random()}, luck.choice([SAID, _BY_HAND])
            ref = store.save_artifact(*luck.choice(_KEYS), data, said)
            if truth is not None:
                truth.acknowledge(ref, data)


def _sync(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", f"{source}/artifacts", str(target)], check=True)


def _versions_come(project: Path, other: Path, truth: Truth, luck: random.Random) -> list[str]:
    _save(other, luck, truth)
    _sync(other, project)
    return []


def _versions_come_while_open(
    project: Path, other: Path, truth: Truth, luck: random.Random
) -> list[str]:
    with ArtifactStore(project) as store:
        store.heads()
        _save(other, luck, truth)
        _sync(other, project)
        for key in _KEYS:
            data = {"n": luck.random()}
            truth.acknowledge(store.save_artifact(*key, data, SAID), data)
    return []


def _versions_go(project: Path, other: Path, truth: Truth, luck: random.Random) -> list[str]:
    del other
    _save(project, luck)
    # Not the first ones, which others were made from: without these, those are not in order.
    found = sorted(project.glob("artifacts/scene/*/v000[2-9]"))
    for path in luck.sample(found, min(2, len(found))):
        shutil.rmtree(path)
    with ArtifactStore(project) as store:
        store.check_folders(deep=True)
        store.reindex()
    del truth
    return []


def _killed_while_taking_up(
    project: Path, other: Path, truth: Truth, luck: random.Random
) -> list[str]:
    _save(other, luck, truth)
    _sync(other, project)

    def look(say: Say) -> None:
        say("now")
        with ArtifactStore(project) as store:
            store.check_folders(deep=True)

    child = Child(look)
    child.wait_for_a_word()
    time.sleep(luck.random() * 0.02)
    child.kill()
    child.end()
    return []


def _older_index(project: Path, other: Path, truth: Truth, luck: random.Random) -> list[str]:
    del other
    index = project / ".cineforge" / "index.sqlite"
    shutil.copy(index, project / "backup")
    _save(project, luck, truth)
    if luck.random() < 0.5:
        index.write_bytes((project / "backup").read_bytes())
    else:
        (project / "backup").replace(index)
    (project / "backup").unlink(missing_ok=True)
    return []


def _another_projects_index(
    project: Path, other: Path, truth: Truth, luck: random.Random
) -> list[str]:
    foreign = other.with_name(f"{other.name}-foreign")
    with ArtifactStore(foreign) as store:
        store.save_artifact("tale", None, {"n": luck.random()}, SAID)
    _save(project, luck, truth)
    shutil.rmtree(project / ".cineforge")
    shutil.move(foreign / ".cineforge", project / ".cineforge")
    shutil.rmtree(foreign)
    return []


def _copied_while_writing(
    project: Path, other: Path, truth: Truth, luck: random.Random
) -> list[str]:
    def save(say: Say) -> None:
        say("now")
        with ArtifactStore(other) as store:
            for n in range(100):
                store.save_artifact(*_KEYS[n % len(_KEYS)], {"n": n}, SAID)

    writer = Child(save)
    writer.wait_for_a_word()
    shutil.rmtree(project)
    # `cp` minds when files go while it copies; what it has by then is what the copy is.
    subprocess.run(["cp", "-a", str(other), str(project)], check=False, stderr=subprocess.DEVNULL)
    writer.end()
    del truth, luck
    # An index that was copied after the folders knows versions that the copy lacks, and no others are named.
    told = cineforge("verify", "--directory", str(project)).output
    gone = [Path(each) for each in re.findall(r": its folder (\S+) is gone: ", told)]
    if gone:
        cineforge("reindex", "--directory", str(project))
    return [f"{folder} is told to be gone" for folder in gone if folder.exists()]


def _one_index_for_two(project: Path, other: Path, truth: Truth, luck: random.Random) -> list[str]:
    shutil.rmtree(other)
    with ArtifactStore(project) as store:
        store.heads()
        subprocess.run(["cp", "-al", str(project), str(other)], check=True)
    theirs = Truth(other)
    for _ in range(2):
        _save(project, luck, truth)
        _save(other, luck, theirs)
    if (project / ".cineforge/index.sqlite").samefile(other / ".cineforge/index.sqlite"):
        return ["two projects write into one index"]
    return theirs.everything()


def _pulled(project: Path, other: Path, truth: Truth, luck: random.Random) -> list[str]:
    shutil.rmtree(other)
    (project / ".gitignore").write_text(".cineforge/\nartifacts/.live/\n")
    _git(project, "init", "-q")
    _commit(project)
    subprocess.run(["git", "clone", "-q", str(project), str(other)], check=True)
    with ArtifactStore(other) as store:
        store.heads()
    _save(project, luck)
    _commit(project)
    _git(other, "pull", "-q")
    losses = Truth(other).everything()
    _git(project, "checkout", "-q", "HEAD~1")
    with ArtifactStore(project) as store:
        store.heads()
    _git(project, "checkout", "-q", "-")
    del truth
    return losses


def _commit(project: Path) -> None:
    _git(project, "add", "-A")
    _git(project, "commit", "-q", "-m", "all")


def _git(project: Path, *words: str) -> None:
    name = ["-c", "user.name=film", "-c", "user.email=film@localhost"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *name, *words], cwd=project, check=True, env=environment)


CHANGES: list[Callable[[Path, Path, Truth, random.Random], list[str]]] = [
    _versions_come,
    _versions_come_while_open,
    _versions_go,
    _killed_while_taking_up,
    _older_index,
    _another_projects_index,
    _copied_while_writing,
    _one_index_for_two,
    _pulled,
]
