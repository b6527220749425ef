"""One artifact: its payload laid out for reading, every version, what it stands on and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from cineforge.model.errors import StoreDamaged
from cineforge.model.health import RESERVED_TYPES, ArtifactHealth
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.names import NO_ENTITY, is_collection
from cineforge.model.refs import ArtifactKey, ArtifactRef, make_key
from cineforge.project import Project
from cineforge.project.approvals import to_approve
from cineforge.recipes.resolving.schema_upgrades import later_version
from cineforge.ui.content.causes_tree import causes_tree
from cineforge.ui.content.changes import changes_shown
from cineforge.ui.content.json_text import shown_json
from cineforge.ui.content.readable import readable, title_of
from cineforge.ui.pages import attached
from cineforge.ui.web import Asked

#: Versions on the time line, relatives on each side, files, and letters of raw JSON, on one page.
VERSIONS, RELATIVES, FILES, LETTERS = 12, 40, 60, 200_000


@dataclass(frozen=True)
class Relative:
    """What a version was made from, or what was made from it."""

    ref: ArtifactRef
    role: str
    health: ArtifactHealth
    is_head: bool


def key_asked(asked: Asked) -> ArtifactKey:
    """The artifact that an address names. Raises InvalidName."""
    entity = asked.path("entity")
    return make_key(asked.path("type"), None if entity == NO_ENTITY else entity)


def ref_asked(asked: Asked, project: Project) -> ArtifactRef:
    """The version that an address names, without one the head. Raises InvalidName, NotFound."""
    version = asked.query("version")
    return project.ref(f"{key_asked(asked)}@{version or 'latest'}")


def artifact(asked: Asked) -> Response:
    """The page of an artifact, at its head or at the version asked for."""
    with asked.site.open() as project:
        store = project.store
        ref = ref_asked(asked, project)
        head = store.head(ref.key) or ref
        row = store.heads_of([ref.key]).get(ref.key)
        versions = store.list_versions(*ref.key)[::-1]
        start = asked.number("versions")
        damage, data, record = "", None, None
        try:
            found = store.load_artifact(ref)
            data, record = found.data, found.metadata
        except StoreDamaged as error:
            damage = str(error)
        made_from = () if record is None else record.lineage
        dependents = store.dependents(ref)
        return asked.page(
            "artifact.html",
            title=f"{ref.key}" if ref == head else f"{ref}",
            ref=ref,
            head=head,
            row=row,
            health=store.health(ref),
            named=title_of(data),
            record=record,
            damage=damage,
            lifted_to=record
            and later_version(project.folder, ref.artifact_type, record.schema_version),
            node=readable(data, starts(asked)),
            # The whole of a payload is one address away; of a long one the page shows the beginning.
            raw=shown_json(data)[:LETTERS] if asked.query("json") else "",
            versions=versions,
            entries=[project.entry(each) for each in versions[start : start + VERSIONS]],
            start=start,
            shown=VERSIONS,
            made_from=[_relative(project, edge.ref, edge.role) for edge in made_from[:RELATIVES]],
            made_from_count=len(made_from),
            dependents=[_relative(project, each, "") for each in dependents[:RELATIVES]],
            dependents_count=len(dependents),
            files=[
                (each, attached.kind_of(each.path)) for each in (record.files if record else ())
            ],
            files_shown=FILES,
            word=project.assessment(ref),
            is_ordinary=is_ordinary(ref.key),
            is_awaited=ref in to_approve(store, project.folder),
            is_judged=ref.key.artifact_type
            not in RESERVED_TYPES,  # a collection may have to be approved
        )


def is_ordinary(key: ArtifactKey) -> bool:
    """Whether people write and judge it: what CineForge keeps for itself is only shown."""
    return key.artifact_type not in RESERVED_TYPES and not is_collection(key.artifact_type)


def why(asked: Asked) -> Response:
    """The causes of staleness as a tree, who holds it, and what a run would do: a piece of the page."""
    from cineforge.bridge.wording import decision_text, presence_text

    with asked.site.open() as project:
        found = project.why(ref_asked(asked, project))
    would = found.would
    return asked.piece(
        "why.html",
        title=f"Why {found.ref} is as it is",
        why=found,
        tree=causes_tree(found.causes),
        presence=presence_text(found.vanished, found.there_after_a_run),
        would=would,
        would_text="" if would is None else decision_text(would.decision.record()),
    )


def diff(asked: Asked) -> Response:
    """What differs between any two versions."""
    first, second = asked.query("a").strip(), asked.query("b").strip()
    if not first or not second:
        return asked.page("diff.html", title="Compare", found=None, a=first, b=second)
    start = asked.number("from")
    with asked.site.open() as project:
        found = project.diff(first, second)
        a, b = (_record(project, each) for each in (found.a, found.b))
    return asked.page(
        "diff.html",
        title="Compare",
        found=found,
        a=str(found.a),
        b=str(found.b),
        records=(a, b),
        shown=changes_shown(found, start),
    )


def starts(asked: Asked) -> dict[str, int]:
    """Where long lists begin, by their place: `from.$.scenes=100`."""
    return {
        name.removeprefix("from."): int(value)
        for name, value in asked.request.query_params.items()
        if name.startswith("from.") and value.isascii() and value.isdigit() and len(value) < 10
    }


def _record(project: Project, ref: ArtifactRef) -> ArtifactMetadata | None:
    try:
        return project.store.metadata(ref)
    except StoreDamaged:
        return None


def _relative(project: Project, ref: ArtifactRef, role: str) -> Relative:
    return Relative(ref, role, project.store.health(ref), project.store.head(ref.key) == ref)
