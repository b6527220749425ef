"""A project, or a part of it, as one HTML file for a browser: no server, no network.

What artifacts say is packed, as a feature would make a file too large to send otherwise, and unpacked by a small script
of ours, the only one that the page lets run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import jinja2
from markupsafe import Markup

from cineforge.film_page.facts import ArtifactFacts, artifact_facts, heads_of
from cineforge.film_page.newest_runs import newest_runs
from cineforge.model.errors import CineForgeError, StoreDamaged
from cineforge.model.metadata import AttachedFile
from cineforge.model.records.artifact_graph import ArtifactGraph, GraphNode
from cineforge.model.refs import ArtifactRef
from cineforge.project import Project
from cineforge.project.approvals import to_approve
from cineforge.store import DrawingRequest, HeadRow, layout
from cineforge.store.disk.safe_files import read_regular
from cineforge.ui.content.templating import template_environment
from cineforge.ui.site import HERE as UI
from cineforge.ui.site import STATIC
from cineforge.views import artifact_graph
from cineforge.views.dot import to_dot
from cineforge.views.picture import GraphvizMissing, draw_svg

_HERE = Path(__file__).parent
#: So many stale heads are named in the overview.
NAMED = 300
#: Artifacts are packed together up to so many letters: a browser unpacks no more than this to show one.
PACK = 300_000
#: What browsers show as a picture, by the end of a file's name; those of more bytes than this are only named.
PICTURES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
}
LARGEST = 5_000_000


@dataclass(frozen=True)
class PageRequest:
    """What is to be on the page: everything, or what a drawing's request chooses; `pictures`: those attached too."""

    drawn: DrawingRequest = field(default_factory=DrawingRequest)
    pictures: bool = False


class Watch(Protocol):
    """Goes through artifacts as they are laid out, and may tell how far it is of how many."""

    def __call__(
        self, artifacts: Iterable[ArtifactFacts], total: int, /
    ) -> Iterable[ArtifactFacts]: ...


def film_page(
    project: Project, request: PageRequest, watch: Watch = lambda artifacts, _: artifacts
) -> Iterator[str]:
    """The text of the page, piece by piece. Raises NotFound, and CineForgeError when there is nothing to show."""
    store = project.store
    everything = replace(request.drawn, expand=tuple(store.health_counts()), limit=0)
    rows = heads_of(project, artifact_graph(store, everything))
    if not rows:
        raise CineForgeError(
            "there is nothing to put on the page: nothing that was asked for is there"
        )
    environment = template_environment(
        (_HERE / "templates", UI / "templates"), on_page={row.ref.key for row in rows}
    )
    environment.globals["picture"] = (
        (lambda ref, file: _data_url(project, ref, file)) if request.pictures else _no_picture
    )
    artifacts = watch(artifact_facts(project, rows), len(rows))
    return _pieces(project, request, rows, artifacts, environment)


def _pieces(
    project: Project,
    request: PageRequest,
    rows: list[HeadRow],
    artifacts: Iterable[ArtifactFacts],
    environment: jinja2.Environment,
) -> Iterator[str]:
    script = Markup((_HERE / "film.js").read_text("utf-8"))
    yield environment.get_template("film.html").render(
        **_overview(project, request, rows), script_digest=_digest(script)
    )
    packed: dict[str, int] = {}
    for number, (names, text) in enumerate(_packs(artifacts, environment)):
        packed.update(dict.fromkeys(names, number))
        yield f'<script type="text/plain" id="pack-{number}">{_packed(text)}</script>\n'
    # Within a script nothing but '<' could end it.
    places = json.dumps(packed).replace("<", "\\u003c")
    yield f'<script type="application/json" id="packed">{places}</script>\n'
    yield f"<script>{script}</script>\n</body>\n</html>\n"


def _packs(
    artifacts: Iterable[ArtifactFacts], environment: jinja2.Environment
) -> Iterator[tuple[list[str], str]]:
    """Artifacts laid out, and packed together with their neighbours."""
    template = environment.get_template("film_artifact.html")
    names: list[str] = []
    texts: list[str] = []
    for each in artifacts:
        names.append(str(each.ref.key))
        texts.append(template.render(facts=each))
        if sum(map(len, texts)) >= PACK:
            yield names, "".join(texts)
            names, texts = [], []
    if names:
        yield names, "".join(texts)


def _packed(text: str) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()


def _overview(project: Project, request: PageRequest, rows: list[HeadRow]) -> dict[str, Any]:
    store = project.store
    awaited = to_approve(store, project.folder)
    drawn = artifact_graph(store, request.drawn, awaited)
    by_type: dict[str, list[HeadRow]] = {}
    for row in rows:
        by_type.setdefault(row.ref.artifact_type, []).append(row)
    stale = [row.ref for row in rows if state_of(row) == "stale"]
    since: dict[ArtifactRef | None, list[ArtifactRef]] = {}
    for ref in stale[:NAMED]:
        since.setdefault(store.first_change(ref), []).append(ref)
    css = Markup(
        (STATIC / "style.css").read_text("utf-8") + (_HERE / "film.css").read_text("utf-8")
    )
    runs, runs_in_all = newest_runs(project.folder)
    is_whole = request.drawn == DrawingRequest()
    shown = {row.ref for row in rows}
    return {
        "name": project.folder.name,
        "made_at": datetime.now(UTC),
        "css": css,
        "css_digest": _digest(css),
        "is_whole": is_whole,
        "by_type": by_type,
        "counts": {name: Counter(map(state_of, heads)) for name, heads in by_type.items()},
        "rows": rows,
        "since": since,
        "stale_count": len(stale),
        "stale_named": min(len(stale), NAMED),
        "changes": {change.ref: change for change in drawn.changes},
        "held": [row.ref for row in rows if row.held],
        "revised": [row.ref for row in rows if state_of(row) == "needs_revision"],
        "awaited": [ref for ref in awaited if is_whole or ref in shown],
        "graph": drawn,
        "svg": _picture(drawn),
        "runs": runs,
        "runs_in_all": runs_in_all,
        "state_of": state_of,
    }


def state_of(row: HeadRow) -> str:
    return "vanished" if row.vanished else row.health.value


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _picture(graph: ArtifactGraph) -> Markup | None:
    """The graph, each node leading to its page; None where Graphviz is not installed."""

    def link(node: GraphNode) -> str:
        return f"#t:{node.type}" if node.kind == "group" else f"#a:{node.id.partition('@')[0]}"

    try:
        svg = draw_svg(to_dot(graph, link))
    except GraphvizMissing:
        return None
    # Graphviz has escaped every text of ours; what stands before the picture is the form of a file.
    return Markup(svg[svg.index("<svg") :])


def _no_picture(_ref: ArtifactRef, _file: AttachedFile) -> str:
    return ""


def _data_url(project: Project, ref: ArtifactRef, file: AttachedFile) -> str:
    """A picture as an address that holds it, or nothing."""
    kind = PICTURES.get(file.path.rpartition(".")[2].lower())
    if kind is None or file.size > LARGEST:
        return ""
    try:
        content = read_regular(project.store.folder(ref) / layout.FILES_DIR / file.path)
    except (OSError, StoreDamaged):
        return ""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
