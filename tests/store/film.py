"""A small film in a store: script -> breakdown of scenes -> a report for each -> a board that gathers the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cineforge.model.health import ArtifactHealth, AssessedBy, Assessment, Hold, HoldAction, Verdict
from cineforge.model.metadata import EDITED_FROM, GatheredSet, MadeFor, Parent, Provenance, Source
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, content_of

MEMBERS = ArtifactKey("breakdown.members")


class Film:
    """script -> breakdown of scenes -> a report per scene -> a board that gathers the reports."""

    def __init__(self, project: Path) -> None:
        self.store = ArtifactStore(project)

    def save(
        self, artifact_type: str, entity: str | None, data: Any, *parents: ArtifactRef, **said: Any
    ) -> ArtifactRef:
        said.setdefault("source", Source.AI)
        roles = [Parent(ref=ref, role=ref.artifact_type) for ref in parents]
        return self.store.save_artifact(
            artifact_type, entity, data, Provenance(lineage=tuple(roles), **said)
        )

    def script(self, draft: int) -> ArtifactRef:
        return self.save("script", None, {"draft": draft})

    def breakdown(self, script: ArtifactRef, scenes: dict[str, str]) -> ArtifactRef:
        """Members whose text is the same are kept, as a fan-out does."""
        members = {}
        for scene, text in scenes.items():
            data = {"text": text}
            head = self.store.heads().get(ArtifactKey("scene", scene))
            kept = head is not None and head.content == content_of(data)
            ref = head.ref if head and kept else self.save("scene", scene, data, script)
            outcome = Outcome.KEPT if kept else Outcome.NEW
            members[scene] = Member(version=ref.version, content=content_of(data), outcome=outcome)
        return self.save(*MEMBERS, Collection(members={"scene": members}), script)

    def report(self, scene: str) -> ArtifactRef:
        parent = self.head("scene", scene)
        made_for = MadeFor(artifact_type="scene", entity_id=scene)
        data = {"of": self.store.checked_data(parent)}
        return self.save("report", scene, data, parent, made_for=made_for)

    def board(self, *scenes: str) -> ArtifactRef:
        gathered = GatheredSet(
            role="reports", stage="breakdown", member_type="scene", ids=tuple(scenes)
        )
        reports = [self.head("report", scene) for scene in scenes]
        return self.save("board", None, {"scenes": scenes}, *reports, gathered=(gathered,))

    def edit(self, ref: ArtifactRef, data: Any) -> ArtifactRef:
        said = Provenance(source=Source.HUMAN, lineage=(Parent(ref=ref, role=EDITED_FROM),))
        return self.store.save_artifact(*ref.key, data, said)

    def head(self, artifact_type: str, entity: str | None = None) -> ArtifactRef:
        ref = self.store.head(ArtifactKey(artifact_type, entity))
        assert ref is not None
        return ref

    def health(self, artifact_type: str, entity: str | None = None) -> ArtifactHealth:
        return self.store.health(self.head(artifact_type, entity))

    def stale(self) -> list[str]:
        return [str(ref) for ref in self.store.stale()]

    def judge(self, subject: ArtifactRef, verdict: Verdict, *examined: ArtifactRef) -> ArtifactRef:
        return self.store.assess(
            Assessment(
                subject=subject,
                verdict=verdict,
                examined=examined,
                by=AssessedBy.PERSON,
                who="the editor",
                why="read side by side",
            )
        )

    def hold(self, action: HoldAction, artifact_type: str, entity: str | None = None) -> None:
        self.store.record_hold(
            Hold(
                artifact_type=artifact_type,
                entity_id=entity,
                action=action,
                who="the director",
                why="final",
            )
        )

    def is_held(self, artifact_type: str, entity: str | None = None) -> bool:
        return self.store.heads()[ArtifactKey(artifact_type, entity)].held
