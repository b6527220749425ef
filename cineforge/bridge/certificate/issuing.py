"""A run that found nothing to do says so in a certificate, if nothing changed from before its first look to its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cineforge.bridge.certificate.certificate import (
    Certificate,
    Source,
    keep_certificate,
    look_up,
)
from cineforge.bridge.certificate.files_read import files_read
from cineforge.bridge.certificate.kept_stages import KeptStages
from cineforge.bridge.certificate.project_state import (
    ProjectState,
    is_settled,
    project_state,
    settle,
)
from cineforge.bridge.certificate.rests_on import Basis
from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.deciding.kept_before import KeptStage, shape_digest
from cineforge.model.health import RESERVED_TYPES
from cineforge.model.secrets import holds_secret
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import ArtifactStore
from cineforge.store.index.queries.newest import Newest, newest_in_file

LookedUp = set[tuple[str, Path | None, str | None]]


@dataclass
class Issuer:
    """Attends one run in which nothing is forced or left out. `triggers` are the reasons that count in it.

    `workflow` is where its workflow is compiled to, in the project.
    """

    project: Path
    basis: Basis
    workflow: str
    triggers: tuple[str, ...]
    _idle: dict[str, list[str]] = field(default_factory=dict)
    _kept: dict[str, KeptStage] = field(default_factory=dict)
    _kept_stages: KeptStages | None = None
    _is_spoiled: bool = False
    _before: ProjectState | None = None
    _knowledge: object = None
    _looked_up: LookedUp = field(default_factory=set)
    _newest: Newest | None = None
    _is_complete: bool = False

    def look(self) -> None:
        """See the project before anything is looked at: for the run, or once more after it."""
        self._idle, self._kept, self._is_spoiled = {}, {}, False
        self._before = project_state(self.project, at_rest=False)
        # What changes within the same tick as something else may not show.
        if not is_settled(max(self.basis.files.newest, self._before.newest if self._before else 0)):
            self._is_spoiled = True

    def opened(self, store: ArtifactStore) -> None:
        """The store is up to date with the folders: what is decided from now on rests on what it says."""
        self._knowledge = _knowledge(store)

    def attending(self, say: Callable[[str], None]) -> Callable[[str], None]:
        """`say`; what a person has to hear is to be said by the next command, too."""

        def said(text: str) -> None:
            self.spoil()
            say(text)

        return said

    def spoil(self) -> None:
        """Certify nothing: a person has to hear something from the next command, too."""
        self._is_spoiled = True

    def found_idle(self, stage: str, payloads: list[str]) -> None:
        """A stage has nothing to do; `payloads` is something that is there."""
        self._idle[stage] = payloads[:1]

    def found_kept(self, stage: str, kept: KeptStage | None) -> None:
        """All instances of a stage were kept, or all but a few: that may tell a later question what to look at."""
        if kept is not None:
            self._kept[stage] = kept

    def issue(self, store: ArtifactStore, sources: SourceFiles, recipe: ResolvedRecipe) -> None:
        """When all that is to be done has been: have `keep` write what was found, as soon as all is closed."""
        looked_up = set(sources.looked_up)
        held = any(holds_secret([name, str(path)], recipe.secrets) for name, path, _ in looked_up)
        is_known = self._knowledge == _knowledge(store)
        if self._before is None or not self._idle or held or not is_known:
            self._is_spoiled = True
        moment = store.moment()
        if is_known and moment is not None and self._kept:
            self._kept_stages = KeptStages(shape_digest(recipe), moment, self._kept)
        self._looked_up = looked_up
        # What people said is on record as theirs: that no run makes it anew is nothing to tell.
        held_heads = (ref for ref in store.held() if ref.artifact_type not in RESERVED_TYPES)
        self._is_complete = self._idle.keys() >= set(recipe.stages) and not any(held_heads)
        self._newest = store.newest_version()

    def keep(self) -> None:
        """Write the certificate, if all is as it was before the first look. The store is closed."""
        if self._kept_stages is not None:
            with suppress(OSError):
                self._kept_stages.keep(self.project)
        if self._is_spoiled or self._before is None:
            return
        with suppress(OSError):
            settle()
            state = project_state(self.project)
            if state is None or state.folders != self._before.folders:
                return
            # The index was looked at from outside first: whoever writes to it from now on changes that.
            is_known = newest_in_file(self.project) == self._newest
            files = files_read(self.project, self.basis.recipes)
            found = self._sources()
            if (
                is_known
                and found is not None
                and is_settled(state.newest)
                and files is not None
                and files.are_untouched_since(self.basis.files)
            ):
                certificate = self._certificate(files.digest(), state, found)
                again = files_read(self.project, self.basis.recipes)
                if again is not None and again.are_untouched_since(files):
                    keep_certificate(self.project, certificate)

    def _sources(self) -> tuple[Source, ...] | None:
        """The source files that decisions went by; None where one is another by now, or was while they were taken."""
        found = []
        for name, path, digest in sorted(self._looked_up, key=lambda each: each[0]):
            source = Source(name, None if path is None else str(path), digest)
            if look_up(name, self.basis.folders) != source:
                return None
            found.append(source)
        return tuple(found) if len({each.name for each in found}) == len(found) else None

    def _certificate(
        self, files: str, state: ProjectState, sources: tuple[Source, ...]
    ) -> Certificate:
        return Certificate(
            question=self.basis.question,
            workflow=self.workflow,
            files=files,
            state=state.digest,
            compiled=self.basis.compiled,
            data=self.basis.data,
            sources=sources,
            triggers=self.triggers,
            idle=self._idle,
            complete=self._is_complete,
        )


def _knowledge(store: ArtifactStore) -> object:
    """Another value whenever the index has been told anything, by us or by others."""
    return store.changes_by_others(), store.newest_version()
