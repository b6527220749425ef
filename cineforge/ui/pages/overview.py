"""The first page: what there is, what is out of date since which change, what runs do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from starlette.responses import Response

from cineforge.model.errors import CineForgeError
from cineforge.model.refs import ArtifactRef
from cineforge.project import Change, Project, Status
from cineforge.ui.web import Asked, message

#: So many stale heads are named, each under a change that makes it so, and so many changes.
NAMED, CHANGES = 60, 12
#: Above so many artifacts the next run is worked out only when somebody asks.
_SMALL = 5_000


@dataclass(frozen=True)
class Group:
    """A change, and stale heads that it makes so: some of them by name."""

    change: Change
    stale: tuple[ArtifactRef, ...]


def overview(asked: Asked) -> Response:
    """The overview."""
    with asked.site.open() as project:
        status = project.status(limit=NAMED)
        recipe: str | None = ""
        problem = ""
        try:
            recipe = recipe_name(project)
        except CineForgeError as error:
            problem = message(error)  # what is there is shown all the same
    counts = {name: Counter(states) for name, states in status.counts.items()}
    totals: Counter[str] = Counter()
    for states in counts.values():
        totals.update(states)
    return asked.page(
        "overview.html",
        title="Overview",
        status=status,
        counts=counts,
        totals=totals,
        total=sum(totals.values()),
        groups=grouped(status),
        more_stale=totals["stale"] - len(status.stale),
        recipe=recipe,
        problem=problem,
        is_small=sum(totals.values()) <= _SMALL,
    )


def grouped(status: Status) -> list[Group]:
    """Stale heads by the change that did it, those with most downstream first."""
    by_change: dict[ArtifactRef | None, list[ArtifactRef]] = {}
    for ref, change in status.stale.items():
        by_change.setdefault(change, []).append(ref)
    changes = sorted(status.changes, key=lambda change: -change.direct)
    known = {change.ref for change in changes}
    # Of a set of members that is another now, the collection itself is the change.
    others = [Change(ref, 0, None) for ref in by_change if ref is not None and ref not in known]
    return [
        Group(change, tuple(by_change.get(change.ref, ())))
        for change in [*changes, *others][:CHANGES]
    ]


def recipe_name(project: Project) -> str | None:
    """The recipe that the project's config.yaml names; the empty one stands for several that it lists."""
    from cineforge.recipes.reading.project_file import RECIPES, read_config

    config = read_config(project.folder)
    name = config.get("recipe")
    return name if isinstance(name, str) else "" if RECIPES in config else None
