"""The graph as dot and Mermaid, read by Graphviz and by Mermaid themselves: whatever people wrote stays text."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cineforge.model.health import HoldAction, Verdict
from cineforge.model.records.artifact_graph import ArtifactGraph
from cineforge.recipes.load import load_recipe
from cineforge.recipes.named import recipe_path
from cineforge.recipes.stage_graph import to_dot as stages_to_dot
from cineforge.recipes.stage_graph import to_mermaid as stages_to_mermaid
from cineforge.store import DrawingRequest
from cineforge.views import artifact_graph
from cineforge.views.dot import to_dot
from cineforge.views.labels import label_lines
from cineforge.views.look import LOOKS
from cineforge.views.mermaid import to_mermaid
from cineforge.views.picture import draw_svg
from tests.store.film import Film

GRAPHVIZ = shutil.which("dot")
#: A folder in which npm has installed `mermaid` and `jsdom`: `make test-pictures` makes one.
MERMAID = os.environ.get("CINEFORGE_MERMAID")
needs_graphviz = pytest.mark.skipif(GRAPHVIZ is None, reason="Graphviz is not installed")
needs_mermaid = pytest.mark.skipif(MERMAID is None, reason="make test-pictures fetches Mermaid")

HOSTILE = [
    'end"];\n  x[boo] --> y',
    "</TD></TR></TABLE>>]; x -> y; //",
    '"; click x "javascript:alert(1)"',
    "%%{init: {'securityLevel': 'loose'}}%%",
    "<script>alert(1)</script> &amp; #quot; \\N \\G \\",
    "`md` **bold** {curly} (round) |pipe| <!-- -->",
    "\x1b[2J\u202edesrever ünïcödé 日本",
    "",
]


@pytest.fixture
def big(film: Film) -> Film:
    """Twenty scenes with reports, some of them stale, held, judged, vanished or edited."""
    film.breakdown(film.script(2), {f"s{n}": f"text {n}" for n in range(1, 21)})
    for n in range(1, 21):
        film.report(f"s{n}")
    film.board(*(f"s{n}" for n in range(1, 21)))
    film.breakdown(film.head("script"), {f"s{n}": f"text {n}" for n in range(1, 20)})
    film.edit(film.head("scene", "s7"), {"text": "mine"})
    film.hold(HoldAction.HOLD, "report", "s9")
    film.judge(film.head("report", "s7"), Verdict.CONFIRMED, film.head("scene", "s7"))
    film.judge(film.head("scene", "s3"), Verdict.NEEDS_REVISION)
    return film


def graphs(film: Film) -> dict[str, ArtifactGraph]:
    requests = {
        "all": DrawingRequest(),
        "open": DrawingRequest(expand=("scene", "report")),
        "stale": DrawingRequest(out_of_date=True),
        "earlier": DrawingRequest(down=(film.head("scene", "s7").but(version=1),)),
    }
    return {name: artifact_graph(film.store, request) for name, request in requests.items()}


def read_by_graphviz(dot: str) -> dict[str, Any]:
    done = subprocess.run(
        [str(GRAPHVIZ), "-Tjson"], input=dot, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def read_by_mermaid(texts: list[str], folder: Path) -> list[dict[str, Any]]:
    files = []
    for n, text in enumerate(texts):
        files.append(folder / f"{n}.mmd")
        files[-1].write_text(text, encoding="utf-8")
    parse = Path(__file__).parent / "mermaid" / "parse.mjs"
    done = subprocess.run(["node", parse, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@needs_graphviz
def test_graphviz_reads_the_nodes_edges_and_labels_that_were_meant(big: Film) -> None:
    for graph in graphs(big).values():
        read = read_by_graphviz(to_dot(graph))
        nodes = {each["name"]: each for each in read["objects"] if each["name"] != "*legend*"}
        assert set(nodes) == {node.id for node in graph.nodes}
        for node in graph.nodes:
            assert nodes[node.id]["label"] == "\\n".join(label_lines(node))
        ends = [
            (read["objects"][e["tail"]]["name"], read["objects"][e["head"]]["name"])
            for e in read.get("edges", [])
        ]
        assert sorted(ends) == sorted((edge.source, edge.target) for edge in graph.edges)


@needs_mermaid
def test_mermaid_reads_the_nodes_edges_and_labels_that_were_meant(
    big: Film, tmp_path: Path
) -> None:
    drawn = list(graphs(big).values())
    for graph, read in zip(
        drawn, read_by_mermaid(list(map(to_mermaid, drawn)), tmp_path), strict=True
    ):
        assert read["diagramType"].startswith("flowchart")
        labels = ["<br>".join(label_lines(node)) for node in graph.nodes]
        assert [text for text in read["nodes"] if text in labels] == labels
        assert read["edges"] == len(graph.edges)


@needs_graphviz
@pytest.mark.parametrize("said", HOSTILE)
def test_what_people_said_is_no_dot_and_no_svg(film: Film, said: str) -> None:
    film.save("scene", "s1", {"text": "2"}, producing_role=said or "x", rationale=said)
    graph = artifact_graph(film.store)
    dot = to_dot(graph)
    assert len(read_by_graphviz(dot)["objects"]) == len(graph.nodes) + 1
    svg = ET.fromstring(draw_svg(dot))
    names = {element.tag.rpartition("}")[2] for element in svg.iter()}
    assert names <= {"svg", "g", "title", "polygon", "polyline", "path", "text", "ellipse", "a"}
    assert all(
        not name.startswith("on") and "href" not in name
        for each in svg.iter()
        for name in each.attrib
    )
    shown = " ".join(
        "".join(element.itertext()) for element in svg.iter() if element.tag.endswith("text")
    )
    assert "\x1b" not in shown
    if said.startswith("<script>"):
        assert "<script>alert(1)</script>" in shown


def mermaid_grammar() -> Callable[[str], bool]:
    """Whether a line is of the few forms that we write: no other could be made of what people wrote."""
    label = r'"(?:[^"\[\](){}<>|`;\\\n]|<br/>|#\d+;)*"'
    node = (
        rf"(?:n\d+|l_\w+)(?:\[\[{label}\]\]|\[{label}\]|\{{\{{{label}\}}\}}|>{label}\])(?::::\w+)?"
    )
    edge = rf"n\d+ (?:-->|==>|-\.->)(?:\|{label}\|)? n\d+"
    style = r"linkStyle \d+ stroke:#\w+,stroke-width:[\d.]+px|classDef \w+ [\w:#,.\- ]+"
    line = rf'flowchart LR|subgraph legend\["legend"\]|end|{node}|{edge}|{style}'
    return lambda text: re.fullmatch(rf" *(?:{line})", text) is not None


@pytest.mark.parametrize("said", HOSTILE)
def test_what_people_said_is_no_mermaid(film: Film, said: str) -> None:
    film.save("scene", "s1", {"text": "2"}, producing_role=said or "x", rationale=said)
    text = to_mermaid(artifact_graph(film.store))
    fits = mermaid_grammar()
    assert [line for line in text.splitlines() if not fits(line)] == []


@needs_mermaid
def test_mermaid_takes_what_people_said_for_text(film: Film, tmp_path: Path) -> None:
    texts, counts = [], []
    for said in HOSTILE:
        film.save("scene", "s1", {"text": said}, producing_role=said or "x", rationale=said)
        graph = artifact_graph(film.store)
        texts.append(to_mermaid(graph))
        counts.append((len(graph.nodes), len(graph.edges)))
    for (nodes, edges), read in zip(counts, read_by_mermaid(texts, tmp_path), strict=True):
        assert read["edges"] == edges
        assert len([each for each in read["nodes"] if "@" in each.partition("<br>")[0]]) >= nodes


@needs_graphviz
@pytest.mark.parametrize("name", ["screenplay", "previs", "echo"])
def test_graphviz_reads_the_stages(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(
        recipe_path(name, tmp_path), project=tmp_path, variables={}, require_variables=False
    )
    read = read_by_graphviz(stages_to_dot(recipe))
    assert set(recipe.stages) <= {each["name"] for each in read["objects"]}


@needs_mermaid
def test_mermaid_reads_the_stages(tmp_path: Path) -> None:
    names = ("screenplay", "previs", "echo")
    recipes = [
        load_recipe(
            recipe_path(name, tmp_path), project=tmp_path, variables={}, require_variables=False
        )
        for name in names
    ]
    found = read_by_mermaid(list(map(stages_to_mermaid, recipes)), tmp_path)
    for recipe, read in zip(recipes, found, strict=True):
        assert len(read["nodes"]) >= len(recipe.stages)


@pytest.mark.slow
def test_colour_is_not_the_only_sign(big: Film) -> None:
    """Each state has a sign in its label, and those that matter a line of their own kind as well."""
    text = to_dot(artifact_graph(big.store, DrawingRequest(expand=("scene", "report"))))
    for sign, words, style in (
        ("▲", "stale", "dashed"),
        ("✎", "to be revised", "dotted"),
        ("○", "vanished", "dotted"),
    ):
        (line, *_) = [
            each for each in text.splitlines() if f"{sign} {words}" in each and "shape=box" in each
        ]
        assert f'style="filled,{style}"' in line
    kinds = {(look.style, look.width) for look in LOOKS.values()}
    assert len(kinds) == len(LOOKS), "no two states share a kind of line"


def test_the_legend_tells_the_states_that_occur_and_the_changes(big: Film) -> None:
    graph = artifact_graph(big.store)
    (legend,) = [line for line in to_dot(graph).splitlines() if "*legend*" in line]
    for words in ("● valid", "▲ stale", "✎ to be revised", "◎ confirmed", "○ vanished"):
        assert words in legend
    assert "◆ scene/s7@2" not in legend, "what stood on it was confirmed"
    assert "◆ breakdown.members@" in legend
