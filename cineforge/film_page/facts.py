"""What a film page tells of each artifact, gathered one by one: a project may be larger than memory."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cineforge.model.errors import StoreDamaged
from cineforge.model.health import ArtifactHealth, Assessment
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.records.artifact_graph import ArtifactGraph
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.project import Entry, Project
from cineforge.recipes.resolving.schema_upgrades import later_version
from cineforge.store import Cause, HeadRow
from cineforge.ui.content.readable import Node, readable, title_of

#: So many causes are shown of one artifact, and so many relatives and versions.
CAUSES, RELATIVES, VERSIONS = 5, 100, 50


@dataclass(frozen=True)
class ArtifactFacts:
    """One artifact by its head. `record` and `payload` are None when its files are damaged, and `damage` says how."""

    row: HeadRow
    title: str
    record: ArtifactMetadata | None
    payload: Node | None
    damage: str
    word: Assessment | None
    causes: list[Cause]
    versions: list[Entry]
    dependents: list[ArtifactRef]
    #: The version of its schema that modules get it lifted to, where it is of an older one.
    lifted_to: str | None

    @property
    def ref(self) -> ArtifactRef:
        return self.row.ref

    @property
    def state(self) -> str:
        return "vanished" if self.row.vanished else self.row.health.value


def heads_of(project: Project, graph: ArtifactGraph) -> list[HeadRow]:
    """The heads that a graph opens, in its order."""
    heads = project.store.heads()
    found = (
        heads.get(ArtifactKey(node.type, node.entity))
        for node in graph.nodes
        if node.kind == "artifact"
    )
    return [row for row in found if row is not None]


def artifact_facts(project: Project, rows: Iterable[HeadRow]) -> Iterator[ArtifactFacts]:
    """Everything of each of some heads."""
    store = project.store
    lifted_to = functools.cache(functools.partial(later_version, project.folder))
    for row in rows:
        record, data, damage = None, None, ""
        try:
            found = store.load_artifact(row.ref)
            record, data = found.metadata, found.data
        except StoreDamaged as error:
            damage = str(error)
        yield ArtifactFacts(
            row=row,
            title=title_of(data) or str(row.ref.key),
            record=record,
            payload=None if damage else readable(data, whole=True),
            damage=damage,
            word=project.assessment(row.ref),
            causes=store.causes(row.ref) if row.health is ArtifactHealth.STALE else [],
            versions=project.history(row.ref.key)[::-1],
            dependents=store.dependents(row.ref),
            lifted_to=None
            if record is None
            else lifted_to(row.ref.artifact_type, record.schema_version),
        )
