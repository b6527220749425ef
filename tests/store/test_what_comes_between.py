"""What others save between the sealing of a version and its registration, and what the disk holds by then."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cineforge.model.health import AssessedBy, Assessment, Verdict
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactRef
from cineforge.store import ArtifactStore, Publication, stage_payload
from cineforge.store.publishing import single
from cineforge.store.publishing.sealing import Intent

from .scene import BY_HAND, SCENE, save

#: By a machine: what a person makes is sealed again whenever the clock has moved on.
MADE = Provenance(source=Source.AI)
Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Has something done once, when the next single version is sealed and not yet registered."""

    def arrange(work: Callable[[], object]) -> None:
        bring, left = single.SinglePublication._bring_to_disk, [work]

        def brought(self: single.SinglePublication, intent: Intent) -> Any:
            done = bring(self, intent)
            if left:
                left.pop()()
            return done

        monkeypatch.setattr(single.SinglePublication, "_bring_to_disk", brought)

    return arrange


def judged(ref: ArtifactRef, verdict: Verdict) -> Assessment:
    return Assessment(subject=ref, verdict=verdict, by=AssessedBy.PERSON, who="ann", why="")


def test_of_two_judgements_the_one_that_was_registered_last_is_the_latest(
    store: ArtifactStore, meanwhile: Meanwhile
) -> None:
    ref = save(store)
    with ArtifactStore(store.project) as other:
        meanwhile(lambda: other.assess(judged(ref, Verdict.NEEDS_REVISION)))
        store.assess(judged(ref, Verdict.CONFIRMED))
    latest = store.assessment(ref)
    assert latest is not None and latest.verdict is Verdict.CONFIRMED


def test_a_version_says_which_earlier_one_it_reproduces_also_when_that_came_between(
    store: ArtifactStore, meanwhile: Meanwhile
) -> None:
    save(store, "first")
    staged = [stage_payload(store.project, SCENE, "same", {}, store.owner) for _ in range(2)]
    meanwhile(lambda: store.publish([Publication(staged[0], MADE, 2)]))
    (ref,) = store.publish([Publication(staged[1], MADE, 3)])
    assert store.metadata(ref).reproduces == 2


@pytest.mark.parametrize("count", [1, 2])
def test_every_byte_is_on_the_disk_before_a_version_gets_its_name(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    synced, renamed = set(), []
    sync, rename = os.fsync, os.rename

    def noticed(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        sync(descriptor)

    def checked(source: Path, target: Path) -> None:
        if Path(source).name.startswith(".staging-"):
            for path in (source, *source.rglob("*")):
                assert path.stat().st_ino in synced, path
            renamed.append(target)
        rename(source, target)

    monkeypatch.setattr(os, "fsync", noticed)
    monkeypatch.setattr(os, "rename", checked)
    store.publish(
        [
            Publication(
                stage_payload(store.project, SCENE, n, {"page": b"x"}, store.owner), BY_HAND
            )
            for n in range(count)
        ]
    )
    assert len(renamed) == count
