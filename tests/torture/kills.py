"""kill -9 in save loops: at random instants, and at every single step of a save."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from cineforge.model.health import AssessedBy, Assessment, Hold, HoldAction, Verdict
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, stage_payload
from tests.torture.children import Child, Say, dying_at_step
from tests.torture.trials import Bench, Trials
from tests.torture.truth import SAID, Truth, new_project

BATCH = [ArtifactKey("shot", f"shot_{n}") for n in range(3)]
#: More than are synced one by one.
GROUP = [ArtifactKey("note", f"note_{n}") for n in range(24)]
#: How many steps (calls to the system or to SQLite, entered or left) to sweep at most.
_MOST_STEPS = 5000


def save_one(store: ArtifactStore, luck: random.Random, say: Say) -> None:
    """A version with a parent and an attached file, to one of a few artifacts."""
    data = {"n": luck.getrandbits(32)}
    script = store.head(ArtifactKey("script"))
    lineage = (Parent(ref=script, role="script"),) if script else ()
    said = Provenance(source=Source.AI, lineage=lineage)
    key = luck.choice(
        [ArtifactKey("script"), *(ArtifactKey("scene", f"scene_{n}") for n in range(4))]
    )
    ref = store.save_artifact(*key, data, said, files={"page.png": bytes(luck.randrange(9000))})
    say([[str(ref), data]])


def save_batch(store: ArtifactStore, luck: random.Random, say: Say) -> None:
    """Several versions that are published together or not at all: they all get the same number."""
    data = {"n": luck.getrandbits(32)}
    refs = store.publish(
        [
            Publication(stage_payload(store.project, key, data, {}, store.owner), SAID)
            for key in BATCH
        ]
    )
    say([[str(ref), data] for ref in refs])


def save_group(store: ArtifactStore, luck: random.Random, say: Say) -> None:
    """Several versions that are published in one go, each by itself: those that are there are whole."""
    data = {"n": luck.getrandbits(32)}
    script = store.head(ArtifactKey("script"))
    lineage = (Parent(ref=script, role="script"),) if script else ()
    said = Provenance(source=Source.AI, lineage=lineage)
    done = store.publish_each(
        [
            Publication(
                stage_payload(store.project, key, data, {}, store.owner, in_batch=True), said
            )
            for key in GROUP
        ]
    )
    say([[str(each), data] for each in done if isinstance(each, ArtifactRef)])


def judge(store: ArtifactStore, luck: random.Random, say: Say) -> None:
    """An assessment, or a hold, of some head."""
    heads = [row.ref for row in store.heads().values() if row.ref.artifact_type == "scene"]
    if not heads:
        return save_one(store, luck, say)
    ref = luck.choice(heads)
    if luck.random() < 0.5:
        causes = tuple(cause.head for cause in store.causes(ref))
        record = store.assess(
            Assessment(
                subject=ref,
                verdict=Verdict.CONFIRMED,
                examined=causes,
                by=AssessedBy.PERSON,
                who="the editor",
                why="read both",
            )
        )
    else:
        action = luck.choice(list(HoldAction))
        record = store.record_hold(
            Hold(artifact_type="scene", entity_id=ref.entity_id, action=action, who="her", why="so")
        )
    say([[str(record), store.checked_data(record)]])
    return None


def look(store: ArtifactStore, _luck: random.Random, _say: Say) -> None:
    """What any command does first: it finishes what others left."""
    store.heads()


DEEDS: list[Callable[[ArtifactStore, random.Random, Say], None]] = [
    save_one,
    save_one,
    save_batch,
    save_group,
    judge,
]


def kills_at_random_instants(bench: Bench, count: int) -> Trials:
    """One to three processes save in a loop; one or all of them are killed."""
    trials = Trials("kill -9 at random instants of save loops")
    truth = Truth(new_project(bench.folder))
    for round_ in range(count):
        seeds = [bench.luck.getrandbits(32) for _ in range(bench.luck.randint(1, 3))]
        children = [Child(partial(_save_on, truth.project, seed)) for seed in seeds]
        time.sleep(bench.luck.uniform(0.005, 0.4))
        # The last one may be left alone for a while: then it works beside a corpse.
        for child in children[:-1]:
            child.kill()
        if bench.luck.random() < 0.3:
            time.sleep(0.1)
        children[-1].kill()
        losses = []
        for child in children:
            status, said = child.end()
            _acknowledge(truth, said)
            if status != -signal.SIGKILL:
                losses.append(f"a saving process ended by itself with status {status}")
        last = round_ == count - 1
        losses += truth.everything() if last else truth.losses()
        trials.record(f"round {round_}", [*losses, *_torn_batches(truth.project)])
    trials.note = f"{len(truth.acknowledged)} acknowledged versions"
    return trials


def kills_at_every_step(bench: Bench, count: int) -> Trials:
    """A save is killed at its first step, its second, and so on; `count` of these, evenly spread, of each deed.

    A third of the time the process that cleans up behind it is killed at some step as well.
    """
    trials = Trials("kill -9 at the steps of a save")
    truth = Truth(new_project(bench.folder))
    _acknowledge(truth, Child(lambda say: _save_on(truth.project, 1, say, deeds=8)).end()[1])
    swept = []
    for deed in (save_one, save_batch, save_group, judge):
        steps = _steps_of(truth, deed)
        swept.append(f"{steps} of {deed.__name__.replace('_', ' ')}")
        for step in sorted(bench.luck.sample(range(1, steps + 1), min(steps, count // 4))):
            ends = [_die(truth, deed, step)]
            if bench.luck.random() < 0.33:
                ends.append(_die(truth, look, bench.luck.randint(1, 400)))
            odd = [end for end in ends if end not in (0, -signal.SIGKILL)]
            losses = [f"a process ended with status {end}" for end in odd] + truth.losses()
            what = f"{deed.__name__} at step {step}"
            trials.record(what, [*losses, *_torn_batches(truth.project)])
    trials.losses += truth.everything()
    trials.note = "steps: " + ", ".join(swept)
    return trials


def _save_on(project: Path, seed: int, say: Say, deeds: int = _MOST_STEPS) -> None:
    luck = random.Random(seed)
    with ArtifactStore(project) as store:
        for _ in range(deeds):
            luck.choice(DEEDS)(store, luck, say)


def _steps_of(truth: Truth, deed: Callable[..., None]) -> int:
    """How many steps a deed takes: asked to die beyond the last it lives."""
    low, high = 0, 1
    while _dies_at(truth, deed, high):
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if not _dies_at(truth, deed, middle) else (middle, high)
    return low


def _dies_at(truth: Truth, deed: Callable[..., None], step: int) -> bool:
    """Whether the deed has so many steps."""
    died = _die(truth, deed, step) == -signal.SIGKILL
    _die(truth, look, 0)  # or the next one would have more steps, cleaning up first
    return died


def _die(truth: Truth, deed: Callable[..., None], step: int) -> int:
    """Do a deed until it is killed at a step; returns how the process ended."""

    def work(say: Say) -> None:
        luck = random.Random(step)
        with dying_at_step(step), ArtifactStore(truth.project) as store:
            deed(store, luck, say)

    status, said = Child(work).end()
    _acknowledge(truth, said)
    return status


def _acknowledge(truth: Truth, said: list[Any]) -> None:
    for batch in said:
        for ref, data in batch:
            truth.acknowledge(ref, data)


def _torn_batches(project: Path) -> list[str]:
    numbers = {
        key: {
            path.name for path in (project / "artifacts" / "shot" / str(key.entity_id)).glob("v*/")
        }
        for key in BATCH
    }
    if len({frozenset(found) for found in numbers.values()}) > 1:
        return [f"a batch was published in part: {numbers}"]
    return []
