"""What the planner needs to know of the store and the files, behind one small interface."""

from __future__ import annotations

from collections.abc import Collection as AnyCollection
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cineforge.deciding.certain_changes import Past
from cineforge.model.own_payloads.collection import Collection
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage


@dataclass(frozen=True)
class HeadState:
    """A head as the planner sees it."""

    ref: ArtifactRef
    content: str
    fingerprint: str | None
    held: bool
    needs_revision: bool
    vanished: bool = False
    refined: bool = False


@dataclass(frozen=True)
class Standing:
    """A version between the head and what that was refined from, as if it were the head; and the stage that made it."""

    head: HeadState
    stage: str | None


class World(Protocol):
    """Reads only; every answer is about this moment."""

    def head(self, key: ArtifactKey) -> HeadState | None: ...

    def head_ref(self, key: ArtifactKey) -> ArtifactRef | None:
        """Which version the head is, by the index alone: for very many."""

    @property
    def ahead(self) -> AnyCollection[ArtifactKey]:
        """The artifacts that are taken here to have heads, or members, that nobody has published yet."""

    def chain(self, head: HeadState) -> tuple[Standing, ...]:
        """The head, and what each was refined from, down to a version that was not made from an earlier one."""

    def latest_by(self, key: ArtifactKey, stage: str) -> Standing | None:
        """The latest version that a stage made."""

    def refined_from(self, ref: ArtifactRef) -> ArtifactRef | None:
        """The earlier version of the same artifact that a version was made from."""

    def is_approved(self, ref: ArtifactRef) -> bool:
        """Somebody confirmed this version, or one of the same content; or a person made it."""

    def past(self, ref: ArtifactRef) -> Past | None:
        """What a version was made from; of a person's edit, what the version it was edited from was made from.

        None when a person made it from nothing.
        """

    def examined(self, ref: ArtifactRef) -> Mapping[ArtifactKey, str]:
        """What the latest confirming assessment of a version looked at, with the content it saw."""

    def collection(self, key: ArtifactKey) -> Collection | None: ...

    def collections(self, stage: str) -> list[ArtifactKey]:
        """Every collection of a fan-out stage that has not vanished."""

    def revisions_asked(self) -> tuple[ArtifactKey, ...]:
        """Every artifact whose head is to be made anew: somebody asked for it, and nobody holds it.

        The same object as long as it is the same answer.
        """

    def naming_stage(self, member_type: str) -> str | None:
        """The stage, of any recipe, whose collections name the members of a type; None when none does."""

    def members_of_type(self, member_type: str) -> list[str]:
        """Entities of a type that have a head and have not vanished (for types of other recipes)."""

    def recipes_making(self, artifact_type: str) -> list[str]:
        """The names of the recipes of the project, and the shipped ones, that make a type."""

    def data(self, ref: ArtifactRef) -> Any: ...

    def payload_size(self, ref: ArtifactRef) -> int | None:
        """The bytes of a version's payload; None when it cannot be looked at."""

    def adoptable(
        self, stage: ResolvedStage, entity: str | None, fingerprint: str
    ) -> tuple[ArtifactRef, ...]:
        """The versions that the same work made before, one for each artifact; empty when they are not all there."""

    def content(self, ref: ArtifactRef) -> str:
        """The content digest of a version."""

    def schema_version(self, ref: ArtifactRef) -> str | None:
        """The version of its schema that a version was sealed with; None of one that is yet to be sealed."""

    def edited_from(self, ref: ArtifactRef) -> str | None:
        """The content of the version that a person's edits began with; None of a version that is no edit."""

    def was_made_before(self, key: ArtifactKey) -> bool:
        """There are versions besides the head."""

    def has_source(self, path: str) -> bool:
        """Whether a user's file is there."""

    def source_digest(self, path: str) -> str:
        """The content digest of a user's file. Raises DecisionFailed when it cannot be read."""
