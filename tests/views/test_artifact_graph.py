"""The graph of the artifacts as data: who stands on what, in which health, since which change."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from cineforge.model.errors import CineForgeError, NotFound
from cineforge.model.health import HoldAction, Verdict
from cineforge.model.records.artifact_graph import ArtifactGraph, GraphNode
from cineforge.recipes.share import share_root
from cineforge.store import DrawingRequest
from cineforge.views import artifact_graph
from tests.store.film import Film

SCHEMA = json.loads((share_root() / "schemas" / "artifact_graph.schema.json").read_text())


def drawn(film: Film, **asked: Any) -> ArtifactGraph:
    graph = artifact_graph(film.store, DrawingRequest(**asked))
    jsonschema.validate(json.loads(graph.model_dump_json(exclude_defaults=True)), SCHEMA)
    return graph


def node(graph: ArtifactGraph, name: str) -> GraphNode:
    return next(each for each in graph.nodes if each.id == name)


def names(graph: ArtifactGraph) -> list[str]:
    return [each.id for each in graph.nodes]


def arrows(graph: ArtifactGraph) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in graph.edges}


def many(film: Film, count: int) -> None:
    """A second draft of so many scenes, with a report of each."""
    scenes = {f"s{n}": "one" if n == 1 else f"text {n}" for n in range(1, count + 1)}
    film.breakdown(film.script(2), scenes)
    for scene in scenes:
        film.report(scene)


def test_every_artifact_is_a_node_and_its_basis_the_arrows(film: Film) -> None:
    graph = drawn(film)
    assert names(graph) == ["board", "report/s1", "report/s2", "scene/s1", "scene/s2", "script"]
    assert arrows(graph) == {
        ("script", "scene/s1"),
        ("script", "scene/s2"),
        ("scene/s1", "report/s1"),
        ("scene/s2", "report/s2"),
        ("report/s1", "board"),
        ("report/s2", "board"),
    }
    assert graph.artifacts == 6
    assert graph.changes == ()
    assert node(graph, "scene/s1").health == {"valid": 1}


def test_a_stale_path_leads_from_the_change_to_all_that_is_stale(film: Film) -> None:
    film.edit(film.head("scene", "s1"), {"text": "mine"})
    graph = drawn(film)
    assert [(each.ref, each.node, each.direct) for each in graph.changes] == [
        ("scene/s1@2", "scene/s1", 1)
    ]
    assert node(graph, "scene/s1").changed == ("scene/s1@2",)
    (read,) = [edge for edge in graph.edges if edge.changed]
    assert (read.source, read.target, read.used) == ("scene/s1", "report/s1", 1)
    assert {(edge.source, edge.target) for edge in graph.edges if edge.carried} == {
        ("report/s1", "board")
    }
    assert node(graph, "board").health == {"stale": 1}


def test_a_change_tells_who_made_it_and_why(film: Film) -> None:
    film.save("scene", "s1", {"text": "2"}, producing_role="ida", rationale="shorter")
    (change,) = drawn(film).changes
    assert (change.by, change.why) == ("ida", "shorter")
    assert change.made_at is not None
    record = film.store.folder(film.head("scene", "s1")) / "meta.json"
    record.chmod(0o644)
    record.write_text("{}")
    (change,) = drawn(film).changes
    assert (change.ref, change.by, change.made_at) == ("scene/s1@2", None, None)


def test_holds_and_edits_are_counted(film: Film) -> None:
    film.hold(HoldAction.HOLD, "board")
    film.edit(film.head("scene", "s1"), {"text": "mine"})
    film.edit(film.head("script"), {"draft": 9})
    film.save("script", None, {"draft": 10})
    graph = drawn(film)
    board, scene, script = (node(graph, name) for name in ("board", "scene/s1", "script"))
    assert (board.held, board.by_hand, board.edits) == (1, 0, 0)
    assert (scene.held, scene.by_hand, scene.edits, scene.versions) == (1, 1, 1, 2)
    assert (script.held, script.by_hand, script.edits, script.versions) == (0, 0, 1, 3)


@pytest.mark.slow
def test_many_of_a_type_are_one_node_with_counts_by_health(film: Film) -> None:
    many(film, 20)
    film.edit(film.head("scene", "s7"), {"text": "mine"})
    graph = drawn(film)
    scenes, reports = node(graph, "scene/*"), node(graph, "report/*")
    assert (scenes.count, scenes.health, scenes.by_hand) == (20, {"valid": 20}, 1)
    assert (reports.count, reports.health) == (20, {"stale": 1, "valid": 19})
    assert reports.out_of_date == ("report/s7@1",)
    assert scenes.changed == ("scene/s7@2",)
    (edge,) = [edge for edge in graph.edges if edge.target == "report/*"]
    assert (edge.source, edge.count, edge.changed, edge.carried) == ("scene/*", 20, 1, 0)


@pytest.mark.slow
def test_a_type_is_opened_when_asked_for(film: Film) -> None:
    many(film, 20)
    film.edit(film.head("scene", "s7"), {"text": "mine"})
    graph = drawn(film, expand=("scene",))
    assert [each for each in names(graph) if each.startswith("scene/")] == [
        f"scene/s{n}" for n in range(1, 21)
    ]
    scenes = [edge for edge in graph.edges if edge.source.startswith("scene/")]
    assert {(edge.target, edge.count) for edge in scenes} == {("report/*", 1)}
    assert [edge.source for edge in scenes if edge.changed] == ["scene/s7"]


@pytest.mark.slow
def test_what_matters_is_opened_first_and_the_others_stay_one_node(film: Film) -> None:
    many(film, 20)
    film.edit(film.head("scene", "s7"), {"text": "mine"})
    film.hold(HoldAction.HOLD, "scene", "s9")
    film.judge(film.head("scene", "s11"), Verdict.NEEDS_REVISION)
    graph = drawn(film, expand=("scene",), limit=3)
    assert [each for each in names(graph) if each.startswith("scene/")] == [
        "scene/s7",
        "scene/s9",
        "scene/s11",
        "scene/*",
    ]
    assert node(graph, "scene/*").count == 17
    assert graph.artifacts == drawn(film).artifacts


def test_what_something_stands_on_and_what_stands_on_it(film: Film) -> None:
    report = film.head("report", "s1")
    assert names(drawn(film, up=(report,))) == ["report/s1", "scene/s1", "script"]
    assert names(drawn(film, down=(report,))) == ["board", "report/s1"]
    assert names(drawn(film, up=(report,), depth=1)) == ["report/s1", "scene/s1"]
    assert names(drawn(film, up=(report,), depth=0)) == ["report/s1"]
    both = drawn(film, up=(report,), down=(report,))
    assert names(both) == ["board", "report/s1", "scene/s1", "script"]
    assert [each.id for each in both.nodes if each.asked] == ["report/s1"]


def test_an_earlier_version_is_a_node_of_its_own(film: Film) -> None:
    scene = film.head("scene", "s1")
    film.edit(scene, {"text": "mine"})
    up = drawn(film, up=(scene,))
    assert names(up) == ["scene/s1@1", "script"]
    earlier = node(up, "scene/s1@1")
    assert (earlier.kind, earlier.version, earlier.followed_by) == ("version", 1, 2)
    assert arrows(up) == {("script", "scene/s1@1")}
    down = drawn(film, down=(scene,))
    assert names(down) == ["board", "report/s1", "scene/s1@1"]
    assert ("scene/s1@1", "report/s1") in arrows(down)


@pytest.mark.slow
def test_an_earlier_version_in_a_project_of_groups(film: Film) -> None:
    many(film, 20)
    script = film.head("script")
    film.script(3)
    graph = drawn(film, down=(script,))
    (edge,) = [each for each in graph.edges if each.source == "script@2" and "scene" in each.target]
    assert (edge.target, edge.count) == ("scene/*", 20)
    assert names(drawn(film, up=(script,))) == ["script@2"]


def test_what_is_out_of_date_with_the_changes_behind_it_alone(film: Film) -> None:
    assert names(drawn(film, out_of_date=True)) == []
    film.edit(film.head("scene", "s1"), {"text": "mine"})
    film.judge(film.head("scene", "s2"), Verdict.NEEDS_REVISION)
    graph = drawn(film, out_of_date=True)
    assert names(graph) == ["board", "report/s1", "scene/s1", "scene/s2"]


def test_types_alone(film: Film) -> None:
    graph = drawn(film, types=("scene", "report"))
    assert names(graph) == ["report/s1", "report/s2", "scene/s1", "scene/s2"]
    assert names(drawn(film, types=("breakdown.members",))) == ["breakdown.members"]
    with pytest.raises(NotFound, match="no type 'scen': did you mean 'scene'"):
        drawn(film, types=("scen",), expand=("repotr",))
    for wrong in ({"depth": -1}, {"limit": -1}):
        with pytest.raises(CineForgeError):
            drawn(film, up=(film.head("board"),), **wrong)


def test_a_set_of_members_that_changed_is_shown_as_the_cause(film: Film) -> None:
    film.breakdown(film.head("script"), {"s1": "one", "s2": "two", "s3": "three"})
    film.report("s3")
    graph = drawn(film)
    (edge,) = [edge for edge in graph.edges if edge.kind == "members"]
    assert (edge.source, edge.target, edge.changed) == ("breakdown.members", "board", 1)
    assert [each.node for each in graph.changes] == ["breakdown.members"]


def test_what_an_assessment_took_away_makes_no_stale_path(film: Film) -> None:
    first = film.edit(film.head("scene", "s1"), {"text": "mine"})
    film.edit(film.head("scene", "s2"), {"text": "mine too"})
    film.judge(film.head("report", "s1"), Verdict.CONFIRMED, first)
    film.judge(film.head("board"), Verdict.CONFIRMED, first)
    graph = drawn(film)
    assert node(graph, "report/s1").health == {"confirmed_valid": 1}
    assert node(graph, "board").health == {"stale": 1}
    stale = {(e.source, e.target) for e in graph.edges if e.changed or e.carried}
    assert stale == {("scene/s2", "report/s2"), ("report/s2", "board")}


def test_what_has_vanished_is_told_and_carries_nothing(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "one"})
    graph = drawn(film)
    assert node(graph, "scene/s2").health == {"vanished": 1}
    assert node(graph, "report/s2").health == {"vanished": 1}
    assert [e for e in graph.edges if e.target == "report/s2" and (e.changed or e.carried)] == []


def test_a_type_with_and_without_entities(film: Film) -> None:
    for n in range(9):
        film.save("board", f"b{n}", {"n": n}, film.head("script"))
    graph = drawn(film)
    assert names(graph)[:1] == ["board/*"]
    assert node(graph, "board/*").count == 10
    assert "board" in names(drawn(film, up=(film.head("board"),)))
