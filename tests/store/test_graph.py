"""A small film: what depends on what, what is out of date and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.model.health import ArtifactHealth
from cineforge.model.metadata import Fingerprint, MadeFor, Provenance, Source
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import CauseKind, Publication, content_of, stage_payload

from .film import MEMBERS, Film


def test_a_finished_film_is_valid(film: Film) -> None:
    assert film.stale() == []
    assert {row.health for row in film.store.heads().values()} == {ArtifactHealth.VALID}


def test_lineage_is_told_direct_and_transitive(film: Film) -> None:
    report = film.head("report", "s1")
    assert [str(ref) for ref in film.store.depends_on(report)] == ["scene/s1@1"]
    assert [str(ref) for ref in film.store.depends_on(report, transitive=True)] == [
        "scene/s1@1",
        "script@1",
    ]


def test_dependents_are_told_direct_and_transitive(film: Film) -> None:
    script = film.head("script")
    direct = {str(ref) for ref in film.store.dependents(script)}
    assert direct == {"scene/s1@1", "scene/s2@1", "breakdown.members@1"}
    transitive = {str(ref) for ref in film.store.dependents(script, transitive=True)}
    assert transitive == direct | {"report/s1@1", "report/s2@1", "board@1"}


def test_lineage_names_the_exact_version(film: Film) -> None:
    newer = film.script(2)
    assert film.store.dependents(newer) == []
    assert film.store.dependents(newer.model_copy(update={"version": 1})) != []


def test_a_new_script_makes_everything_below_stale(film: Film) -> None:
    film.script(2)
    assert film.stale() == [
        "board@1",
        "breakdown.members@1",
        "report/s1@1",
        "report/s2@1",
        "scene/s1@1",
        "scene/s2@1",
    ]


def test_rebuilding_one_scene_leaves_its_sibling_valid(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    assert film.stale() == ["board@1", "report/s1@1"]
    film.report("s1")
    assert film.stale() == ["board@1"]
    film.board("s1", "s2")
    assert film.stale() == []


def test_causes_tell_the_change_and_the_way_it_takes(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    (cause,) = film.store.causes(film.head("board"))
    assert cause.kind is CauseKind.CONTENT
    assert (str(cause.used), str(cause.head), cause.role) == ("scene/s1@1", "scene/s1@2", "scene")
    assert [str(ref) for ref in cause.path] == ["board@1", "report/s1@1"]


def test_an_undone_change_makes_all_valid_again(film: Film) -> None:
    film.script(2)
    film.script(1)
    assert film.stale() == []


def test_a_newer_version_with_identical_content_makes_nothing_stale(film: Film) -> None:
    film.script(1)
    assert film.stale() == []


def test_a_version_built_from_a_superseded_parent_is_born_stale(film: Film) -> None:
    old = film.head("scene", "s1")
    film.edit(old, {"text": "by hand"})
    film.save("note", None, {}, old)
    assert "note@1" in film.stale()


def test_an_older_versions_health_is_told_too(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    old = film.head("scene", "s1").model_copy(update={"version": 1})
    assert film.store.health(old) is ArtifactHealth.STALE
    assert [str(cause.head) for cause in film.store.causes(old)] == ["script@2"]
    assert film.store.load_artifact(old).health is ArtifactHealth.STALE


def test_an_edit_stands_on_what_the_edited_version_stood_on(film: Film) -> None:
    edited = film.edit(film.head("scene", "s1"), {"text": "by hand"})
    assert film.health("scene", "s1") is ArtifactHealth.VALID
    assert film.stale() == ["board@1", "report/s1@1"]
    film.script(2)
    assert [str(cause.head) for cause in film.store.causes(edited)] == ["script@2"]


def test_an_edit_of_a_kept_scene_stands_on_the_newest_judgement(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "one", "s2": "two"})
    film.edit(film.head("scene", "s1"), {"text": "by hand"})
    assert film.health("scene", "s1") is ArtifactHealth.VALID


def test_a_judgement_of_the_edited_version_counts_for_the_edit_too(film: Film) -> None:
    original = film.head("scene", "s1")
    edited = film.edit(original, {"text": "by hand"})
    script = film.script(2)
    assert film.store.health(edited) is ArtifactHealth.STALE
    content = film.store.metadata(original).content
    seen = Member(version=1, content=content, outcome=Outcome.KEPT)
    film.save(*MEMBERS, Collection(members={"scene": {"s1": seen}}), script)
    assert film.store.health(edited) is ArtifactHealth.VALID


def test_a_newer_collection_that_did_not_keep_a_version_ends_the_older_judgement(
    film: Film,
) -> None:
    film.breakdown(film.script(2), {"s1": "one", "s2": "two"})
    scene = film.head("scene", "s1")
    assert film.store.health(scene) is ArtifactHealth.VALID
    content = film.store.metadata(scene).content
    held = Member(version=1, content=content, outcome=Outcome.HELD)
    film.save(*MEMBERS, Collection(members={"scene": {"s1": held}}), film.head("script"))
    assert film.store.health(scene) is ArtifactHealth.STALE


def test_a_collection_that_comes_in_late_under_an_older_number_is_not_the_newest(
    film: Film,
) -> None:
    scene = film.head("scene", "s1")
    reserved = film.store.reserve([MEMBERS], "run_1")
    script = film.script(2)
    film.breakdown(script, {"s1": "one", "s2": "two"})
    content = film.store.metadata(scene).content
    held = Collection(
        members={"scene": {"s1": Member(version=1, content=content, outcome=Outcome.HELD)}}
    )
    staged = stage_payload(film.store.project, MEMBERS, held, {}, film.store.owner)
    film.store.publish([Publication(staged, Provenance(source=Source.AI), reserved[MEMBERS])])
    assert film.store.health(scene) is ArtifactHealth.VALID
    assert film.store.vanished() == []


def test_a_new_member_makes_what_gathered_the_set_stale(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "one", "s2": "two", "s3": "three"})
    (cause,) = film.store.causes(film.head("board"))
    assert cause.kind is CauseKind.MEMBERS
    assert (cause.came, cause.went, cause.used) == (("s3",), (), None)
    assert cause.head == film.head("breakdown.members")


def test_a_cut_scene_vanishes_with_what_was_made_for_it(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "one"})
    assert film.store.vanished() == [ArtifactKey("report", "s2"), ArtifactKey("scene", "s2")]
    assert film.stale() == ["board@1"]


def test_a_scene_that_comes_back_has_not_vanished(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "one"})
    film.breakdown(film.script(3), {"s1": "one", "s2": "two"})
    assert film.store.vanished() == []
    assert film.stale() == []


def test_what_vanished_is_left_out_of_what_is_stale(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "one"})
    film.edit(film.head("scene", "s2"), {"text": "nobody reads this"})
    assert film.health("report", "s2") is ArtifactHealth.STALE
    assert "report/s2@1" not in film.stale()


def test_a_nested_collection_vanishes_with_its_scene_and_takes_its_members_along(
    film: Film,
) -> None:
    shot = film.save("shot", "s2.a", {})
    member = Member(version=1, content=film.store.metadata(shot).content, outcome=Outcome.NEW)
    film.save(
        "shoot.members",
        "s2",
        Collection(parent="s2", members={"shot": {"s2.a": member}}),
        made_for=MadeFor(artifact_type="scene", entity_id="s2"),
    )
    assert film.store.vanished() == []
    film.breakdown(film.script(2), {"s1": "one"})
    gone = {str(key) for key in film.store.vanished()}
    assert gone == {"scene/s2", "report/s2", "shoot.members/s2", "shot/s2.a"}


def test_heads_show_what_the_planner_asks_for(film: Film) -> None:
    work = Fingerprint(digest=content_of(1), stage="ingest", code=content_of(2))
    film.save("script", None, {"draft": 5}, fingerprint=work, run_id="run_7")
    row = film.store.heads()[ArtifactKey("script")]
    assert str(row.ref) == "script@2"
    assert (row.content, row.fingerprint) == (content_of({"draft": 5}), content_of(1))
    assert (row.source, row.run_id, row.health) == (Source.AI, "run_7", ArtifactHealth.VALID)


def test_counts_and_held_heads_say_what_the_heads_say(tmp_path: Path) -> None:
    film = Film(tmp_path)
    film.save("scene", "s1", {}, film.script(1))
    film.save("scene", "s2", {})
    film.script(2)
    film.save("scene", "s2", {"by": "hand"}, source=Source.HUMAN)
    rows = film.store.heads().values()
    assert film.store.health_counts() == {
        "scene": {"stale": 1, "valid": 1},
        "script": {"valid": 1},
    }
    assert film.store.held() == [row.ref for row in rows if row.held]
    assert len(film.store.held()) == len(film.store.stale(limit=1)) == len(film.store.stale()) == 1
    film.store.close()


@pytest.mark.parametrize("depth", [None, 0, 1, 2])
def test_all_that_was_made_from_a_version_is_what_each_step_tells(
    film: Film, depth: int | None
) -> None:
    film.breakdown(film.script(2), {"s1": "one", "s2": "two", "s3": "three"})
    film.report("s3")
    film.board("s1", "s2", "s3")
    root = film.head("script")
    for start in (root, ArtifactRef(artifact_type="script", version=1)):
        expected: dict[ArtifactRef, list[ArtifactRef]] = {}
        level = [start]
        for _ in range(9 if depth is None else depth):
            expected |= {ref: film.store.dependents(ref) for ref in level}
            level = [far for ref in level for far in expected[ref] if far not in expected]
        assert film.store.descendants(start, depth) == expected
