"""One project: what people say of its artifacts, and what they ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.model.artifact import Artifact, Diff
from cineforge.model.errors import CineForgeError, StoreDamaged
from cineforge.model.health import RESERVED_TYPES, AssessedBy, Assessment, HoldAction, Verdict
from cineforge.model.refs import ArtifactKey, ArtifactRef, parse_ref
from cineforge.project import explanation, lineage_tree
from cineforge.project.approvals import to_approve
from cineforge.project.judging import causing_heads, judge_all, login_name, say_of_heads
from cineforge.project.moments import read_moment
from cineforge.project.named_refs import Named, named_refs
from cineforge.project.opening import read_ref, require_project, schema_of
from cineforge.project.results import Change, Entry, Judgement, Status, Step, Why
from cineforge.store import ArtifactStore, HeadThen

if TYPE_CHECKING:
    from cineforge.recipes.resolved import Upgrades


class Project:
    """A project folder. Every command that asks or overrules is a method here; `store` is what lies beneath.

    Raises NotFound for a folder that is no project, and for whatever is named and not there; InvalidName for what
    cannot be a name.
    """

    def __init__(self, folder: Path | str = ".") -> None:
        self.folder = require_project(Path(folder))
        self.store = ArtifactStore(self.folder)
        self._upgrades: dict[str, Upgrades | None] = {}

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ref(self, named: Named) -> ArtifactRef:
        """The exact version behind a name."""
        return read_ref(self.store, str(named))

    # What people say

    def put(
        self,
        artifact: str | ArtifactKey,
        data: Any,
        *,
        why: str = "",
        who: str | None = None,
        edited_from: Named | None = None,
        attach: Mapping[str, Path | str | bytes] | None = None,
        detach: Collection[str] = (),
        new: bool = False,
        only_after: Named | None = None,
    ) -> ArtifactRef | None:
        """Save a person's version, checked against its schema; None when the head holds just that.

        It keeps the attached files of the version it was made from (the head, or `edited_from`), but for what
        `attach` replaces and `detach` leaves off. `new` begins an artifact while there are others of its type.
        With `only_after`, the version that was the head when the edit began, HeadMoved is raised when another one is
        the head by now, also if it comes in the very moment of saving.
        """
        from cineforge.project.human_work import save_human_version
        from cineforge.recipes.schema_registry import registry_for

        key, version = parse_ref(str(artifact))
        if version is not None:
            raise CineForgeError(f"'{artifact}' names a version: put takes the next free number")
        self.store.check_artifacts([key])
        return save_human_version(
            self.store,
            registry_for(self.folder),
            key,
            data,
            who=who or login_name(),
            why=why,
            schema=schema_of(self.store, self.folder, key.artifact_type),
            edited_from=None if edited_from is None else self.ref(edited_from),
            attach={
                name: Path(file) if isinstance(file, str) else file
                for name, file in (attach or {}).items()
            },
            detach=detach,
            new=new,
            only_after=None if only_after is None else self.ref(only_after),
        )

    def confirm(
        self,
        named: Named,
        *,
        why: str = "",
        who: str | None = None,
        by: AssessedBy | str = AssessedBy.PERSON,
        confidence: float = 1.0,
        examined: Iterable[Named] | None = None,
    ) -> Judgement:
        """Say that a version still holds, having `examined` what changed (default: all that makes it stale)."""
        return self.confirm_all(
            [named], why=why, who=who, by=by, confidence=confidence, examined=examined
        )[0]

    def confirm_all(
        self,
        names: Iterable[Named],
        *,
        why: str = "",
        who: str | None = None,
        by: AssessedBy | str = AssessedBy.PERSON,
        confidence: float = 1.0,
        examined: Iterable[Named] | None = None,
    ) -> list[Judgement]:
        """Confirm several versions, all or none of them. Names may be globs (`scene_report/*`), which mean heads."""
        meant, looked_at = named_refs(self.store, names, examined=examined or ())
        seen = {
            each: looked_at if examined is not None else causing_heads(self.store, each)
            for each in meant
        }
        return judge_all(self.store, seen, Verdict.CONFIRMED, why, who, by, confidence)

    def revise(
        self,
        named: Named,
        *,
        why: str = "",
        who: str | None = None,
        by: AssessedBy | str = AssessedBy.PERSON,
        confidence: float = 1.0,
    ) -> Judgement:
        """Ask for a version to be made anew. That lapses with the artifact's next version."""
        return self.revise_all([named], why=why, who=who, by=by, confidence=confidence)[0]

    def revise_all(
        self,
        names: Iterable[Named],
        *,
        why: str = "",
        who: str | None = None,
        by: AssessedBy | str = AssessedBy.PERSON,
        confidence: float = 1.0,
    ) -> list[Judgement]:
        """Ask for several versions to be made anew, all or none of them; named as `confirm_all` takes them."""
        meant, _ = named_refs(self.store, names)
        unseen: dict[ArtifactRef, list[ArtifactRef]] = {each: [] for each in meant}
        said = (Verdict.NEEDS_REVISION, why, who, by, confidence)
        return judge_all(self.store, unseen, *said)

    def hold(self, artifact: Named, *, why: str = "", who: str | None = None) -> ArtifactRef:
        """Keep the head of an artifact from being replaced by any run; returns that head."""
        return self.hold_all([artifact], why=why, who=who)[0]

    def hold_all(
        self, artifacts: Iterable[Named], *, why: str = "", who: str | None = None
    ) -> list[ArtifactRef]:
        """Hold several heads, all or none of them. Names may be globs (`scene_report/*`)."""
        return say_of_heads(self.store, artifacts, HoldAction.HOLD, why, who)

    def release(self, artifact: Named, *, why: str = "", who: str | None = None) -> ArtifactRef:
        """Let runs replace the head of an artifact again, a person's too; returns that head."""
        return self.release_all([artifact], why=why, who=who)[0]

    def release_all(
        self, artifacts: Iterable[Named], *, why: str = "", who: str | None = None
    ) -> list[ArtifactRef]:
        """Release several heads, all or none of them. Names may be globs (`scene_report/*`)."""
        return say_of_heads(self.store, artifacts, HoldAction.RELEASE, why, who)

    # What people ask

    def status(self, limit: int | None = None) -> Status:
        """What is there and what is out of date.

        With a limit, at most so many stale heads are named, each with a change that makes it so, and the records of
        no more changes and requests for a revision than that are read.
        """
        store = self.store
        stale = store.stale(limit)
        orphaned = dict.fromkeys(store.orphaned())
        changes = store.changes_behind()
        read = len(changes) if limit is None else limit
        return Status(
            counts=store.health_counts(),
            stale={ref: None if limit is None else store.first_change(ref) for ref in stale},
            changes=(
                *(self._change(*each) for each in changes[:read]),
                *(Change(ref, direct, None) for ref, direct in changes[read:]),
            ),
            to_revise={
                ref: self._word(ref) if limit is None or place < limit else None
                for place, ref in enumerate(store.to_revise())
            },
            held=tuple(ref for ref in store.held() if ref.artifact_type not in RESERVED_TYPES),
            vanished=tuple(key for key in store.vanished() if key not in orphaned),
            orphaned=tuple(orphaned),
            far_ahead=tuple(store.far_ahead()),
            not_linked=tuple(str(each) for each in store.odd_links()),
            to_approve=to_approve(store, self.folder),
        )

    def why(self, named: Named) -> Why:
        """Why a version is stale, confirmed or to be revised, and what a run would do about it."""
        return explanation.explained(self.store, self.folder, self.ref(named))

    def history(self, artifact: Named) -> list[Entry]:
        """All versions of an artifact, the first one first."""
        return [self.entry(ref) for ref in self.store.list_versions(*self.ref(artifact).key)]

    def entry(self, ref: ArtifactRef) -> Entry:
        """One version as its artifact's history tells it."""
        health, damage = self.store.health(ref), ""
        metadata = assessment = None
        try:
            metadata = self.store.metadata(ref)
            assessment = self.store.assessment(ref)
        except StoreDamaged as error:
            damage = str(error)
        return Entry(ref, health, metadata, assessment, damage)

    def assessment(self, ref: ArtifactRef) -> Assessment | None:
        """What was last said of a version; None also where the record of that is damaged."""
        try:
            return self.store.assessment(ref)
        except StoreDamaged:
            return None

    def show(self, named: Named) -> Artifact:
        """A version with its payload as it was saved, its sealed record and its health. Raises StoreDamaged."""
        return self.store.load_artifact(self.ref(named))

    def as_of_today(self, named: Named) -> Any:
        """A payload as modules get it: lifted by `TYPE.upgrade.py` if it is of an older version of its schema.

        That file's code is run. Raises ModuleFailed for what cannot be lifted, ProblemsFound.
        """
        from cineforge.recipes.resolving.schema_upgrades import upgrades_of_type
        from cineforge.running.workers.lifting import lifted

        found = self.show(named)
        name = found.ref.artifact_type
        if name not in self._upgrades:
            self._upgrades[name] = upgrades_of_type(self.folder, name)
        upgrades = self._upgrades[name]
        if upgrades is None:
            return found.data
        return lifted(found.data, found.metadata.schema_version, upgrades, str(found.ref))

    def diff(self, a: Named, b: Named) -> Diff:
        """What differs from one version to another, also between two artifacts."""
        return self.store.diff_versions(self.ref(a), self.ref(b))

    def lineage(
        self, named: Named, *, down: bool = False, depth: int | None = None
    ) -> Iterator[Step]:
        """What a version was made from, or with `down` what was made from it, as the lines of a tree."""
        root = self.ref(named)
        if down:
            readers = self.store.descendants(root, depth)
            return lineage_tree.steps(root, lambda ref: readers.get(ref, []), depth)
        return lineage_tree.steps(root, self.store.depends_on, depth)

    def at(self, moment: datetime | str) -> list[HeadThen]:
        """The heads as they were at a moment, but for records of judgement. Text is read as `cineforge at` does."""
        when = read_moment(moment)
        return [
            each
            for each in self.store.heads_at(when)
            if each.ref.artifact_type not in lineage_tree.RECORDS
        ]

    # Inside

    def _change(self, ref: ArtifactRef, direct: int) -> Change:
        try:
            return Change(ref, direct, self.store.metadata(ref))
        except StoreDamaged:
            return Change(ref, direct, None)

    def _word(self, ref: ArtifactRef) -> Assessment | None:
        try:
            return self.store.assessment(ref)
        except StoreDamaged:
            return None
