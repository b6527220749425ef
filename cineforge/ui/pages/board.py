"""The pages and pictures that modules make, where a director finds them: strip boards, sheets, storyboards."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import AttachedFile
from cineforge.model.names import is_collection
from cineforge.model.refs import ArtifactRef
from cineforge.project import Project
from cineforge.store import HeadRow
from cineforge.store.index.queries.listing import Wanted
from cineforge.ui.pages.attached import kind_of
from cineforge.ui.web import Asked

#: Heads of a type that are looked at to know whether it has something to look at, and heads on a page.
SAMPLED, SHOWN, FILES = 3, 24, 6
_KINDS = ("page", "picture", "film", "sound")


@dataclass(frozen=True)
class Shelf:
    """A type of artifacts with something to look at."""

    name: str
    count: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """One head, and its files that are looked at or listened to; the others are counted."""

    row: HeadRow
    files: tuple[tuple[AttachedFile, str], ...]
    others: int


def board(asked: Asked) -> Response:
    """All shelves, or one with its pieces."""
    chosen, start = asked.query("type"), asked.number("from")
    with asked.site.open() as project:
        shelves = list(_shelves(project))
        chosen = chosen or next((each.name for each in shelves if "page" in each.kinds), "")
        chosen = chosen or (shelves[0].name if shelves else "")
        rows: list[HeadRow] = []
        total = 0
        if chosen:
            wanted = Wanted(artifact_type=chosen)
            rows, total = project.store.list_heads(wanted, start=start, limit=SHOWN)
        pieces = [piece for row in rows if (piece := _piece(project, row)) is not None]
    return asked.page(
        "board.html",
        title="Board",
        shelves=shelves,
        chosen=chosen,
        pieces=pieces,
        total=total,
        start=start,
        shown=SHOWN,
    )


def _shelves(project: Project) -> list[Shelf]:
    found = []
    for name, counts in project.store.health_counts().items():
        if is_collection(name):
            continue
        rows, _ = project.store.list_heads(Wanted(artifact_type=name), limit=SAMPLED)
        kinds = {kind for row in rows for _, kind in _looked_at(project, row.ref)}
        if kinds:
            alive = sum(number for state, number in counts.items() if state != "vanished")
            found.append(Shelf(name, alive, tuple(kind for kind in _KINDS if kind in kinds)))
    return found


def _looked_at(project: Project, ref: ArtifactRef) -> list[tuple[AttachedFile, str]]:
    try:
        files = project.store.metadata(ref).files
    except StoreDamaged:
        return []
    return [(file, kind) for file in files if (kind := kind_of(file.path)) in _KINDS]


def _piece(project: Project, row: HeadRow) -> Piece | None:
    files = _looked_at(project, row.ref)
    if not files or row.vanished:
        return None
    return Piece(row, tuple(files[:FILES]), max(0, len(files) - FILES))
