"""Carries out the steps of a random history on a real store."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cineforge.model.health import AssessedBy, Assessment, Hold
from cineforge.model.made_from import NamedSources
from cineforge.model.metadata import EDITED_FROM, GatheredSet, MadeFor, Parent, Provenance, Source
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, layout, stage_payload
from cineforge.store.disk import durable
from cineforge.store.publishing import batch, single

from .steps import KEYS, SCENES


class History:
    """Carries out random steps on a real store. Numbers in a step pick among the versions there are."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.store = ArtifactStore(project)
        self.versions: list[ArtifactRef] = []
        self.away: dict[ArtifactRef, Path] = {}

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
        known = {*self.store.list_versions(*key), *self.away}
        if wanted is not None and wanted in {ref.version for ref in known if ref.key == key}:
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
        sets = self.gathered(step["gathers"], "now")
        sources = NamedSources(lineage, sets)
        members: dict[str, Member] = {}
        member_type = "scene" if parent is None else "shot"
        for which, content, outcome in step["members"]:
            own = SCENES[which] if parent is None else f"{parent}.{'abc'[which]}"
            names = step["made_from"][which]
            ref = self.store.head(ArtifactKey(member_type, own))
            if ref is not None and outcome == "kept the first":
                ref, outcome = self.store.list_versions(*ref.key)[0], Outcome.KEPT
            elif ref is None or outcome is Outcome.NEW:
                said = Provenance(lineage=lineage, source=Source.AI)
                if names is not None:
                    some = sources.of(names)
                    said = said.but(
                        lineage=tuple(lineage[place] for place in some.parents),
                        gathered=tuple(sets[place] for place in some.gathered),
                    )
                ref, outcome = (
                    self.save(ArtifactKey(member_type, own), {"n": content}, said),
                    Outcome.NEW,
                )
            members[own] = Member(
                version=ref.version,
                content=self.store.metadata(ref).content,
                outcome=outcome,
                made_from=None if names is None else tuple(names),
            )
        stage = "breakdown" if parent is None else "shoot"
        made_for = step["made_for"] and parent
        said = Provenance(
            lineage=lineage,
            gathered=sets,
            made_for=MadeFor(artifact_type="scene", entity_id=made_for) if made_for else None,
            source=Source.AI,
        )
        collection = Collection(parent=parent, members={member_type: members})
        self.save(ArtifactKey(f"{stage}.members", parent), collection, said, step["number"])

    def do_revise(self, step: dict[str, Any]) -> None:
        script = self.store.head(ArtifactKey("script"))
        lineage = (
            (Parent(ref=script, role="script"),) if script and step["key"] != script.key else ()
        )
        said = Provenance(lineage=lineage, source=Source.AI)
        self.save(step["key"], {"n": step["content"]}, said)

    def do_refine(self, step: dict[str, Any]) -> None:
        """A version that names an earlier one of its own artifact, the newest mostly, and others beside it."""
        key = KEYS[step["key"] % len(KEYS)]
        for ref in self.store.list_versions(*key)[::-1][step["earlier"] :][:1]:
            lineage = (Parent(ref=ref, role="draft"), *self.parents(step["parents"]))
            self.save(key, {"n": step["content"]}, Provenance(lineage=lineage, source=Source.CODE))

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
        """A second process publishes one version, or two at once, and is killed in the middle of it."""
        keys = [KEYS[(step["key"] + n) % len(KEYS)] for n in range(step["versions"])]
        pid = os.fork()
        if pid == 0:
            owner = batch if len(keys) > 1 else single
            die_at_call(durable if step["at"] == "sync_file" else owner, step["at"], step["call"])
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

    def do_elsewhere(self, step: dict[str, Any]) -> None:
        """A copy of the project goes on by itself, and what it made is copied back (as by rsync, or `git pull`)."""
        with tempfile.TemporaryDirectory() as folder:
            other = Path(folder) / "other"
            (self.project / "artifacts").mkdir(exist_ok=True)
            shutil.copytree(self.project / "artifacts", other / "artifacts", symlinks=True)
            with ArtifactStore(other) as store:
                for key in step["keys"]:
                    self.publish_at_once(store, [KEYS[key % len(KEYS)]], step["content"], other)
            for made in other.glob("artifacts/[!.]*/*/v*"):
                target = self.project / made.relative_to(other)
                if made.is_dir() and not target.exists() and not self.is_away(target):
                    shutil.copytree(made, target)
        self.look_again()

    def do_take_away(self, step: dict[str, Any]) -> None:
        """A version that nothing names is moved away, as `git checkout` of an older commit does."""
        free = [
            ref for ref in self.versions if not self.store.built_on(ref) and not self.is_named(ref)
        ]
        if free:
            ref = free[-1 - step["version"] % len(free)]
            folder = self.store.folder(ref)
            self.away[ref] = folder.rename(self.project / f"away-{len(self.away)}-{folder.name}")
            self.versions.remove(ref)
            self.look_again()

    def do_put_back(self, step: dict[str, Any]) -> None:
        del step
        for ref, folder in self.away.items():
            folder.rename(layout.version_dir(self.project, ref))
            self.versions.append(ref)
        self.away.clear()
        self.look_again()

    def is_away(self, target: Path) -> bool:
        return target in {layout.version_dir(self.project, ref) for ref in self.away}

    def is_named(self, ref: ArtifactRef) -> bool:
        """Whether a collection or a judgement may name a version, or a hold its artifact."""
        names = (f'"{ref.artifact_type}"', f'"{ref.entity_id}"' if ref.entity_id else "")
        return any(
            all(name in path.read_text("utf-8") for name in names)
            for path in self.project.glob("artifacts/*/*/v*/data.json")
            if path.parts[-4].endswith((".members", "assessment", "hold"))
        )

    def look_again(self) -> None:
        """The next command."""
        self.store.close()
        self.store = ArtifactStore(self.project)
        self.store.check_folders()
        self.notice()

    def notice(self) -> None:
        """Know of the versions that others made. After a crash this is the next command: it finishes what was left."""
        heads = [row.ref for key, row in self.store.heads().items() if key in KEYS]
        self.versions += [ref for ref in heads if ref not in self.versions]

    def publish_at_once(
        self,
        store: ArtifactStore,
        keys: list[ArtifactKey],
        content: int,
        project: Path | None = None,
    ) -> None:
        script = store.head(ArtifactKey("script"))
        batch = []
        for key in keys:
            lineage = (Parent(ref=script, role="script"),) if script and key != script.key else ()
            staged = stage_payload(project or self.project, key, {"n": content}, {}, store.owner)
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
