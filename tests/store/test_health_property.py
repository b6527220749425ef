"""Random histories: the index kept up to date, the index rebuilt, and a naive reading always agree."""

from __future__ import annotations

import os
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cineforge.model.collection import Collection, Member, Outcome
from cineforge.model.health import AssessedBy, Assessment, Hold, HoldAction, Verdict
from cineforge.model.metadata import EDITED_FROM, GatheredSet, MadeFor, Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, durable, publish, stage_payload
from tests.depth import examples
from tests.store.index_dump import live_dump, rebuilt_dump
from tests.store.naive_health import NaiveProject

SCENES = ["s1", "s2", "s3"]
KEYS = [
    ArtifactKey("script"),
    ArtifactKey("notes"),
    *(ArtifactKey("scene", scene) for scene in SCENES),
    ArtifactKey("shot", "s1.a"),
    ArtifactKey("shot", "s2.a"),
    ArtifactKey("report", "s1"),
    ArtifactKey("board"),
]
number = st.integers(min_value=0, max_value=9)
numbers = st.lists(number, max_size=3)

saves = st.fixed_dictionaries(
    {
        "op": st.just("save"),
        "key": number,
        "content": st.integers(0, 2),
        "parents": numbers,
        "source": st.sampled_from(list(Source)),
        "made_for": st.sampled_from([None, None, "s1", "s2"]),
        "gathers": st.sampled_from([None, None, "scenes", "shots", "shots of s1"]),
        "ids": st.sampled_from(["now", "now", "some"]),
        "number": st.sampled_from([None, None, None, 2, 3, 5]),
    }
)
fan_outs = st.fixed_dictionaries(
    {
        "op": st.just("fan_out"),
        "parent": st.sampled_from([None, None, "s1", "s2"]),
        "members": st.lists(
            st.tuples(
                st.integers(0, 2),
                st.integers(0, 2),
                st.sampled_from([*Outcome, Outcome.KEPT, "kept the first"]),
            ),
            max_size=3,
        ),
        "parents": numbers,
        "made_for": st.booleans(),
        "gathers": st.sampled_from([None, None, "scenes"]),
    }
)
revisions = st.fixed_dictionaries(
    {
        "op": st.just("revise"),
        "key": st.sampled_from(
            [
                ArtifactKey("script"),
                ArtifactKey("script"),
                ArtifactKey("scene", "s1"),
                ArtifactKey("scene", "s2"),
            ]
        ),
        "content": st.integers(0, 1),
    }
)
edits = st.fixed_dictionaries(
    {
        "op": st.just("edit"),
        "scene": st.sampled_from([None, *SCENES]),
        "version": number,
        "content": st.integers(0, 3),
        "other": numbers,
        "source": st.sampled_from([Source.HUMAN, Source.HUMAN, Source.HYBRID, Source.AI]),
    }
)
assessments = st.fixed_dictionaries(
    {
        "op": st.just("assess"),
        "subject": number,
        "stale_one": st.sampled_from([True, True, False]),
        "examined": st.sampled_from(["heads", "heads", "some", "none"]),
        "some": numbers,
        "verdict": st.sampled_from([Verdict.CONFIRMED, Verdict.CONFIRMED, Verdict.NEEDS_REVISION]),
    }
)
holds = st.fixed_dictionaries(
    {"op": st.just("hold"), "version": number, "action": st.sampled_from(list(HoldAction))}
)
crashes = st.fixed_dictionaries(
    {
        "op": st.just("crash"),
        "key": number,
        "content": st.integers(0, 2),
        "at": st.sampled_from(["_declare", "prepare", "place", "_register", "sync_file"]),
        "call": st.integers(1, 3),
    }
)
at_once = st.fixed_dictionaries(
    {"op": st.just("at_once"), "keys": st.lists(number, min_size=2, max_size=3)}
)
#: A finished little film to start from, so that what follows meets nested fan-outs, things made for scenes, and sets.
_FAN_OUT = {"op": "fan_out", "made_for": True, "gathers": None}
_SAVE = {"op": "save", "content": 0, "source": Source.AI, "ids": "now", "number": None}
FILM: list[dict[str, Any]] = [
    {**_SAVE, "key": 0, "parents": [], "made_for": None, "gathers": None},
    {
        **_FAN_OUT,
        "parent": None,
        "parents": [0],
        "members": [(n, n, Outcome.NEW) for n in range(3)],
    },
    {**_FAN_OUT, "parent": "s1", "parents": [3], "members": [(0, 0, Outcome.NEW)]},
    {**_FAN_OUT, "parent": "s2", "parents": [4], "members": [(0, 0, Outcome.NEW)]},
    {**_SAVE, "key": 7, "parents": [7], "made_for": "s1", "gathers": "shots of s1"},
    {**_SAVE, "key": 8, "parents": [0, 2, 4], "made_for": None, "gathers": "shots"},
    {**_SAVE, "key": 1, "parents": [0], "made_for": None, "gathers": "scenes"},
]
steps = st.one_of(
    *[saves, saves, revisions, revisions, fan_outs, fan_outs, edits, edits],
    *[assessments, assessments, assessments, holds, crashes, at_once],
)
histories = st.tuples(st.sampled_from([[], FILM, FILM]), st.lists(steps, min_size=3, max_size=9))


class History:
    """Carries out random steps on a real store. Numbers in a step pick among the versions there are."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.store = ArtifactStore(project)
        self.versions: list[ArtifactRef] = []

    def step(self, step: dict[str, Any]) -> None:
        getattr(self, f"do_{step['op']}")(step)

    def pick(self, choices: list[int]) -> tuple[ArtifactRef, ...]:
        # From the newest backwards: small numbers make what real histories mostly are.
        return tuple(self.versions[-1 - n % len(self.versions)] for n in choices if self.versions)

    def parents(self, choices: list[int]) -> tuple[Parent, ...]:
        return tuple(Parent(ref=ref, role="input") for ref in self.pick(choices))

    def gathered(self, what: str | None, ids: str) -> tuple[GatheredSet, ...]:
        if what is None:
            return ()
        stage, member = ("breakdown", "scene") if what == "scenes" else ("shoot", "shot")
        scope = "s1" if what == "shots of s1" else None
        named: set[str] = set()
        for key in self.store.list_artifacts(f"{stage}.members"):
            collection = self.store.collection(key)
            if collection is not None and scope in (None, key.entity_id):
                named.update(collection.ids(member))
        if ids == "some":
            named ^= {"s1" if member == "scene" else "s1.a"}
        return (
            GatheredSet(
                role="all", stage=stage, member_type=member, scope=scope, ids=tuple(sorted(named))
            ),
        )

    def save(
        self, key: ArtifactKey, data: Any, said: Provenance, wanted: int | None = None
    ) -> ArtifactRef:
        if wanted is not None and wanted in {ref.version for ref in self.store.list_versions(*key)}:
            wanted = None
        staged = stage_payload(self.project, key, data, {}, self.store.owner)
        (ref,) = self.store.publish([Publication(staged, said, wanted)])
        self.versions.append(ref)
        return ref

    def do_save(self, step: dict[str, Any]) -> None:
        made_for = step["made_for"]
        said = Provenance(
            lineage=self.parents(step["parents"]),
            gathered=self.gathered(step["gathers"], step["ids"]),
            made_for=made_for and MadeFor(artifact_type="scene", entity_id=made_for),
            source=step["source"],
        )
        self.save(KEYS[step["key"] % len(KEYS)], {"n": step["content"]}, said, step["number"])

    def do_fan_out(self, step: dict[str, Any]) -> None:
        parent = step["parent"]
        script = self.store.head(ArtifactKey("script"))
        lineage = self.parents(step["parents"])
        if script is not None:
            lineage = (*lineage, Parent(ref=script, role="script"))
        members: dict[str, Member] = {}
        member_type = "scene" if parent is None else "shot"
        for which, content, outcome in step["members"]:
            own = SCENES[which] if parent is None else f"{parent}.{'abc'[which]}"
            ref = self.store.head(ArtifactKey(member_type, own))
            if ref is not None and outcome == "kept the first":
                ref, outcome = self.store.list_versions(*ref.key)[0], Outcome.KEPT
            elif ref is None or outcome is Outcome.NEW:
                said = Provenance(lineage=lineage, source=Source.AI)
                ref, outcome = (
                    self.save(ArtifactKey(member_type, own), {"n": content}, said),
                    Outcome.NEW,
                )
            members[own] = Member(
                version=ref.version, content=self.store.metadata(ref).content, outcome=outcome
            )
        stage = "breakdown" if parent is None else "shoot"
        made_for = step["made_for"] and parent
        said = Provenance(
            lineage=lineage,
            gathered=self.gathered(step["gathers"], "now"),
            made_for=MadeFor(artifact_type="scene", entity_id=made_for) if made_for else None,
            source=Source.AI,
        )
        collection = Collection(parent=parent, members={member_type: members})
        self.save(ArtifactKey(f"{stage}.members", parent), collection, said)

    def do_revise(self, step: dict[str, Any]) -> None:
        script = self.store.head(ArtifactKey("script"))
        lineage = (
            (Parent(ref=script, role="script"),) if script and step["key"] != script.key else ()
        )
        said = Provenance(lineage=lineage, source=Source.AI)
        self.save(step["key"], {"n": step["content"]}, said)

    def do_edit(self, step: dict[str, Any]) -> None:
        scene = self.store.head(ArtifactKey("scene", step["scene"])) if step["scene"] else None
        for ref in [scene] if scene else self.pick([step["version"]]):
            if ref.artifact_type.endswith(".members"):
                continue
            edited = Parent(ref=ref, role=EDITED_FROM)
            said = Provenance(lineage=(*self.parents(step["other"]), edited), source=step["source"])
            self.save(ref.key, {"n": step["content"]}, said)

    def do_assess(self, step: dict[str, Any]) -> None:
        stale = self.store.stale() if step["stale_one"] else []
        for subject in stale[: step["subject"] + 1][-1:] or self.pick([step["subject"]]):
            examined = self.pick(step["some"]) if step["examined"] == "some" else ()
            if step["examined"] == "heads":
                examined = tuple(cause.head for cause in self.store.causes(subject))
            self.store.assess(
                Assessment(
                    subject=subject,
                    verdict=step["verdict"],
                    examined=examined,
                    by=AssessedBy.PERSON,
                    who="the script supervisor",
                    why="read both",
                )
            )

    def do_hold(self, step: dict[str, Any]) -> None:
        for ref in self.pick([step["version"]]):
            self.store.record_hold(
                Hold(
                    artifact_type=ref.artifact_type,
                    entity_id=ref.entity_id,
                    action=step["action"],
                    who="the director",
                    why="as it should be",
                )
            )

    def do_crash(self, step: dict[str, Any]) -> None:
        """A second process publishes two versions at once, and is killed in the middle of it."""
        keys = [KEYS[(step["key"] + n) % len(KEYS)] for n in range(2)]
        pid = os.fork()
        if pid == 0:
            owner = durable if step["at"] == "sync_file" else publish
            die_at_call(owner, step["at"], step["call"])
            with ArtifactStore(self.project) as other:
                self.publish_at_once(other, keys, step["content"])
            os._exit(0)
        os.waitpid(pid, 0)
        self.store.close()
        self.store = ArtifactStore(self.project)
        self.notice()

    def do_at_once(self, step: dict[str, Any]) -> None:
        """Threads with stores of their own save at the same time."""

        def save(n: int) -> None:
            with ArtifactStore(self.project) as other:
                self.publish_at_once(other, [KEYS[n % len(KEYS)]], n % 3)

        with ThreadPoolExecutor(len(step["keys"])) as pool:
            list(pool.map(save, step["keys"]))
        self.notice()

    def notice(self) -> None:
        """Know of the versions that others made. After a crash this is the next command: it finishes what was left."""
        heads = [row.ref for key, row in self.store.heads().items() if key in KEYS]
        self.versions += [ref for ref in heads if ref not in self.versions]

    def publish_at_once(self, store: ArtifactStore, keys: list[ArtifactKey], content: int) -> None:
        script = store.head(ArtifactKey("script"))
        batch = []
        for key in keys:
            lineage = (Parent(ref=script, role="script"),) if script and key != script.key else ()
            staged = stage_payload(self.project, key, {"n": content}, {}, store.owner)
            batch.append(Publication(staged, Provenance(lineage=lineage, source=Source.AI)))
        store.publish(batch)


def die_at_call(module: Any, name: str, call: int) -> None:
    """Have this process killed on entering the given call of a function."""
    inner, calls = getattr(module, name), iter(range(1, call))

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if next(calls, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(*args, **kwargs)

    setattr(module, name, wrapped)


def check_agreement(history: History) -> None:
    store, naive = history.store, NaiveProject(history.project)
    heads = store.heads()
    assert live_dump(history.project) == rebuilt_dump(history.project)
    assert {key: row.ref for key, row in heads.items()} == naive.heads
    assert {key for key, row in heads.items() if row.vanished} == naive.vanished & set(naive.heads)
    assert set(store.vanished()) == naive.vanished & set(naive.heads)
    assert set(store.stale()) == naive.stale()
    for ref in naive.meta:
        assert store.health(ref) == naive.health(ref), ref
        causes = store.causes(ref)
        assert {cause.head for cause in causes} == naive.causes[ref], ref
        assert all(cause.path[0] == ref for cause in causes)
        if naive.heads[ref.key] == ref:
            assert heads[ref.key].health == naive.health(ref), ref


@settings(
    max_examples=examples(50),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
@given(histories)
def test_index_rebuilt_index_and_naive_reading_agree_after_every_step(
    steps: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    before, after = steps
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder))
        # kill -9 leaves what was written, synced or not; so nothing is tried less without the wait.
        with mock.patch("os.fsync"):
            for step in before:
                history.step(step)
            for step in after:
                history.step(step)
                check_agreement(history)
        history.store.close()
