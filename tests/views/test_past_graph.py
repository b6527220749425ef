"""The graph as it was: which versions were the heads at a moment, and what they had been made from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cineforge.model.refs import ArtifactKey
from cineforge.views import PastGraph, PastRequest, artifact_graph, past_graph
from tests.store.film import Film


@pytest.fixture
def then(film: Film) -> datetime:
    """The end of the first draft; in the second s2 is cut, s3 is new, and a person edits the report of s1."""
    moment = film.store.metadata(film.head("board")).created_at
    film.breakdown(film.script(2), {"s1": "one", "s3": "three"})
    film.report("s3")
    film.edit(film.head("report", "s1"), {"of": "a person"})
    film.board("s1", "s3")
    return moment


def drawn(film: Film, moment: datetime, **asked: object) -> PastGraph:
    return past_graph(film.store.past_lineage(moment), PastRequest(**asked))  # type: ignore[arg-type]


def names(graph: PastGraph) -> list[str]:
    return [node.id if node.head is None else str(node.head.ref) for node in graph.nodes]


def test_what_was_made_later_is_not_there_and_edges_are_those_of_then(
    film: Film, then: datetime
) -> None:
    graph = drawn(film, then)
    assert names(graph) == [
        *("board@1", "report/s1@1", "report/s2@1", "scene/s1@1", "scene/s2@1", "script@1")
    ]
    assert set(graph.edges) == {
        ("script", "scene/s1"),
        ("script", "scene/s2"),
        ("scene/s1", "report/s1"),
        ("scene/s2", "report/s2"),
        ("report/s1", "board"),
        ("report/s2", "board"),
    }
    assert [node.id for node in graph.nodes if node.changed] == ["board", "report/s1", "script"]


@pytest.mark.usefixtures("then")
def test_the_past_of_this_moment_is_the_present(film: Film) -> None:
    now = artifact_graph(film.store)
    graph = drawn(film, datetime.now(UTC))
    assert [node.id for node in graph.nodes] == [node.id for node in now.nodes]
    assert set(graph.edges) == {(edge.source, edge.target) for edge in now.edges}
    assert not any(node.changed for node in graph.nodes)


def test_lineage_of_then_goes_both_ways(film: Film, then: datetime) -> None:
    cut = ArtifactKey("report", "s2")
    assert names(drawn(film, then, around=(cut,))) == [
        *("board@1", "report/s2@1", "scene/s2@1", "script@1")
    ]
    near = drawn(film, then, around=(cut,), depth=1)
    assert names(near) == ["board@1", "report/s2@1", "scene/s2@1"]
    assert [node.id for node in near.nodes if node.asked] == ["report/s2"]
    assert drawn(film, then, around=(ArtifactKey("scene", "s3"),)).nodes == ()


def test_many_of_a_type_are_one_node_that_tells_how_many_are_others_now(film: Film) -> None:
    scenes = {f"s{number}": "one" if number == 1 else "text" for number in range(1, 10)}
    film.breakdown(film.script(2), scenes)
    moment = film.store.metadata(film.head("breakdown.members")).created_at
    film.breakdown(film.script(3), scenes | {"s4": "other", "s5": "other"})
    (scene,) = drawn(film, moment, types=("scene",)).nodes
    assert (scene.id, scene.count, scene.changed) == ("scene/*", 9, 2)
    opened = drawn(film, moment, types=("scene",), expand=("scene",), limit=2)
    assert names(opened) == ["scene/s4@1", "scene/s5@1", "scene/*"]
    assert ("script", "scene/*") in drawn(film, moment).edges


def test_only_what_is_another_now(film: Film, then: datetime) -> None:
    assert names(drawn(film, then, changed=True)) == ["board@1", "report/s1@1", "script@1"]


def test_what_a_run_had_made(film: Film) -> None:
    film.save("cut", "a", {"n": 1}, film.head("script"), run_id="monday")
    graph = drawn(film, datetime.now(UTC), run_id="monday", depth=0)
    assert names(graph) == ["cut/a@1"]
