"""What the pages of the graph show: drawn and in words, opened, gone back in time."""

from __future__ import annotations

import json
import re

from cineforge import Project
from cineforge.store import ArtifactStore

from .conftest import Pages, made_from


def drawn(text: str) -> dict[str, list[dict[str, object]]]:
    found = re.search(r'id="graph-data">(.*?)</script>', text, re.S)
    assert found is not None
    graph: dict[str, list[dict[str, object]]] = json.loads(found[1])
    return graph


def test_the_graph_is_drawn_and_listed_in_words(pages: Pages) -> None:
    text = pages.text("/graph")
    graph = drawn(text)
    assert {node["id"] for node in graph["nodes"]} == {
        "tale",
        "verse/verse_1",
        "verse/verse_2",
        "board",
    }
    assert {(edge["source"], edge["target"]) for edge in graph["edges"]} == {
        ("tale", "verse/verse_1"),
        ("tale", "verse/verse_2"),
        ("verse/verse_1", "board"),
        ("verse/verse_2", "board"),
    }
    assert "4 artifacts in 4 nodes" in text


def test_many_of_a_type_are_one_node_that_opens(pages: Pages) -> None:
    with ArtifactStore(pages.folder) as store:
        tale = store.head(store.list_artifacts("tale")[0])
        assert tale is not None
        for number in range(30):
            store.save_artifact("tune", f"tune_{number}", {"n": number}, made_from(tale))
    closed = [node for node in drawn(pages.text("/graph"))["nodes"] if node["type"] == "tune"]
    assert [node["label"] for node in closed] == ["tune x30\n● 30 valid"]
    assert len(drawn(pages.text("/graph?expand=tune"))["nodes"]) == 34


def test_the_graph_goes_back_in_time(pages: Pages) -> None:
    with Project(pages.folder) as film:
        board = film.store.metadata(film.ref("board")).created_at
        film.put("tale", {"draft": 2}, why="later")
        film.put("verse/verse_9", {"text": "later", "lines": 1}, new=True)
    text = pages.text(f"/graph?at={board:%Y-%m-%dT%H:%M:%S.%f}Z")
    nodes = {node["id"]: node for node in drawn(text)["nodes"]}
    assert "verse/verse_9" not in nodes
    assert nodes["tale"]["label"] == "tale@1\n@2 now"
    assert nodes["board"]["label"] == "board@1\nas now"
    assert nodes["tale"]["url"] == "/artifact/tale/_?version=1"
    assert {edge["target"] for edge in drawn(text)["edges"]} == {
        *("verse/verse_1", "verse/verse_2", "board")
    }
    focused = f"/graph?focus=verse/verse_9&at={board:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert drawn(pages.text(focused))["nodes"] == []


def test_lineage_goes_both_ways(pages: Pages) -> None:
    graph = drawn(pages.text("/graph?focus=verse/verse_1"))
    assert {node["id"] for node in graph["nodes"]} == {"tale", "verse/verse_1", "board"}
