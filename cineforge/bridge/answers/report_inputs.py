"""What `snakemake --report` reads: the jobs that made the heads, and the files that stages mark as worth showing.

A report is made of the DAG, which holds only work to be done. So while one is asked for, input functions answer with
the tickets of what is there, as far as Snakemake remembers the jobs that made it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from cineforge.bridge.paths import payload_path, ticket_path
from cineforge.bridge.snakemake.rules import RuleInput, reported, rule_inputs
from cineforge.deciding.instance import Instance
from cineforge.model.errors import StoreDamaged
from cineforge.model.names import is_collection
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage
from cineforge.store import ArtifactStore
from cineforge.store.disk.safe_files import write_new

CAPTIONS = Path(".cineforge", "report")


class ReportInputs:
    """The answers of input functions while a report is made. Nothing is decided, claimed or reserved."""

    def __init__(
        self,
        store: ArtifactStore,
        recipe: ResolvedRecipe,
        remembers: Callable[[str], bool],
        say: Callable[[str], None],
    ) -> None:
        """`remembers` tells whether Snakemake has a record of the job that made a file."""
        self._store = store
        self._recipe = recipe
        self._remembers = remembers
        self._say = say

    def stage_targets(self, stage_id: str) -> list[RuleInput]:
        """The tickets of a stage's heads, and the files among them that are to be shown."""
        stage = self._recipe.stages[stage_id]
        tickets = [path for path, made in self._tickets.items() if made == stage_id]
        return [*rule_inputs(tickets, lambda _: True), *self._shown(stage)]

    def job_inputs(self, instance: Instance, version: int) -> list[RuleInput]:
        """What was read, each by the ticket of the job that made it where there is one."""
        found: dict[str, None] = {}
        stage = self._recipe.stages[instance.stage]
        for artifact_type in stage.ticket_types:
            ref = ArtifactRef(
                artifact_type=artifact_type, entity_id=instance.entity, version=version
            )
            if self._store.has(ref):
                found.update((self._made_by(each), None) for each in self._store.depends_on(ref))
        return rule_inputs(found, lambda path: path in self._tickets)

    def current_inputs(self, key: ArtifactKey) -> list[RuleInput]:
        head = self._store.head(key)
        return (
            [] if head is None else rule_inputs([self._made_by(head)], self._tickets.__contains__)
        )

    @cached_property
    def _tickets(self) -> dict[str, str]:
        """The tickets of heads that Snakemake remembers a job of, each with its stage."""
        makers = {
            artifact_type: self._recipe.makers.get(artifact_type, stage.id)
            for stage in self._recipe.stages.values()
            for artifact_type in stage.ticket_types
        }
        found = {
            self._ticket(row.ref): makers[key.artifact_type]
            for key, row in self._store.heads().items()
            if key.artifact_type in makers and not row.vanished
        }
        known = {path: stage for path, stage in found.items() if self._remembers(path)}
        if not known:
            self._say(
                "Snakemake remembers no job of this project, so the report holds none:"
                " 'cineforge runs' and 'cineforge page' tell what was done"
            )
        return known

    def _made_by(self, ref: ArtifactRef) -> str:
        """The ticket of the job that made a version, or else its payload. A member's is that of its collection."""
        own = self._ticket(ref)
        if own in self._tickets:
            return own
        stage = self._recipe.stages.get(self._recipe.makers.get(ref.artifact_type, ""))
        if stage is not None and stage.is_fan_out:
            parent = None
            if stage.for_each is not None and ref.entity_id is not None:
                parent = ref.entity_id.rpartition(".")[0] or None
            head = self._store.head(ArtifactKey(stage.ticket_types[0], parent))
            if head is not None and ticket_path(head.key, head.version) in self._tickets:
                return ticket_path(head.key, head.version)
        return payload_path(ref)

    def _ticket(self, ref: ArtifactRef) -> str:
        maker = self._recipe.stages.get(self._recipe.makers.get(ref.artifact_type, ""))
        return ticket_path(ref.key, ref.version, maker.ticket_mark if maker else "")

    def _shown(self, stage: ResolvedStage) -> Iterable[RuleInput]:
        """The attached files of the heads of a stage that is marked with `report`."""
        if stage.report is None:
            return
        caption = _write_caption(self._store.project, stage.id, stage.report)
        types = {output.artifact_type for output in stage.outputs}
        for key, row in self._store.heads().items():
            if key.artifact_type not in types or row.vanished or is_collection(key.artifact_type):
                continue
            try:
                files = self._store.metadata(row.ref).files
            except StoreDamaged as error:
                self._say(str(error))
                continue
            for file in files:
                path = f"{payload_path(row.ref).removesuffix('data.json')}files/{file.path}"
                if re.search(r"[{}<>]", path):
                    self._say(
                        f"{path} is left out of the report: Snakemake takes {{}} and <> in a name for its own"
                    )
                    continue
                yield reported(path, category=stage.id, artifact=str(row.ref), caption=caption)


def _write_caption(project: Path, stage: str, text: str) -> Path | None:
    """A caption as Snakemake reads it: a template, in reStructuredText. Each sign is escaped, so that it is neither.

    None where nothing may be written.
    """
    escaped = re.sub(r"([^\w\s])", r"\\\1", " ".join(text.split()))
    path = project / CAPTIONS / f"{stage}.rst"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, f"{escaped}\n")
    except OSError:
        return None
    return path
