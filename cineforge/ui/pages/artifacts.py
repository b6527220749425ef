"""The list of artifacts: by type, health, name and run; where many are acted on at once."""

from __future__ import annotations

from starlette.responses import Response

from cineforge.store.index.queries.listing import Wanted
from cineforge.ui.content import page_words
from cineforge.ui.web import Asked, see

#: Rows on a page.
SHOWN = 100


def artifacts(asked: Asked) -> Response:
    """A page of the list; a search that finds just one artifact by its whole name leads to it."""
    wanted = Wanted(
        artifact_type=asked.query("type"),
        health=asked.query("health"),
        letters=asked.query("q").strip(),
        run_id=asked.query("run"),
    )
    start = asked.number("from")
    with asked.site.open() as project:
        rows, total = project.store.list_heads(wanted, start=start, limit=SHOWN)
        types = project.store.health_counts()
    if start == 0 and total and any(str(row.ref.key) == wanted.letters for row in rows):
        return see(page_words.artifact_url(wanted.letters))
    return asked.page(
        "artifacts.html",
        title="Artifacts",
        rows=rows,
        total=total,
        start=start,
        shown=SHOWN,
        wanted=wanted,
        types=types,
    )
