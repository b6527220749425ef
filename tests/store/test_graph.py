"""A small film: what depends on what, what is out of date and why, holds and judgements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge.model.collection import Collection, Member, Outcome
from cineforge.model.errors import InvalidPayload, NotFound
from cineforge.model.health import (
    ArtifactHealth,
    AssessedBy,
    Assessment,
    Hold,
    HoldAction,
    Verdict,
)
from cineforge.model.metadata import (
    EDITED_FROM,
    Fingerprint,
    GatheredSet,
    MadeFor,
    Parent,
    Provenance,
    Source,
)
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, CauseKind, Publication, content_of, stage_payload

MEMBERS = ArtifactKey("breakdown.members")


class Film:
    """script -> breakdown of scenes -> a report per scene -> a board that gathers the reports."""

    def __init__(self, project: Path) -> None:
        self.store = ArtifactStore(project)

    def save(
        self, artifact_type: str, entity: str | None, data: Any, *parents: ArtifactRef, **said: Any
    ) -> ArtifactRef:
        said.setdefault("source", Source.AI)
        roles = [Parent(ref=ref, role=ref.artifact_type) for ref in parents]
        return self.store.save_artifact(
            artifact_type, entity, data, Provenance(lineage=tuple(roles), **said)
        )

    def script(self, draft: int) -> ArtifactRef:
        return self.save("script", None, {"draft": draft})

    def breakdown(self, script: ArtifactRef, scenes: dict[str, str]) -> ArtifactRef:
        """Members whose text is the same are kept, as a fan-out does."""
        members = {}
        for scene, text in scenes.items():
            data = {"text": text}
            head = self.store.heads().get(ArtifactKey("scene", scene))
            kept = head is not None and head.content == content_of(data)
            ref = head.ref if head and kept else self.save("scene", scene, data, script)
            outcome = Outcome.KEPT if kept else Outcome.NEW
            members[scene] = Member(version=ref.version, content=content_of(data), outcome=outcome)
        return self.save(*MEMBERS, Collection(members={"scene": members}), script)

    def report(self, scene: str) -> ArtifactRef:
        parent = self.head("scene", scene)
        made_for = MadeFor(artifact_type="scene", entity_id=scene)
        data = {"of": self.store.load_data(parent)}
        return self.save("report", scene, data, parent, made_for=made_for)

    def board(self, *scenes: str) -> ArtifactRef:
        gathered = GatheredSet(
            role="reports", stage="breakdown", member_type="scene", ids=tuple(scenes)
        )
        reports = [self.head("report", scene) for scene in scenes]
        return self.save("board", None, {"scenes": scenes}, *reports, gathered=(gathered,))

    def edit(self, ref: ArtifactRef, data: Any) -> ArtifactRef:
        said = Provenance(source=Source.HUMAN, lineage=(Parent(ref=ref, role=EDITED_FROM),))
        return self.store.save_artifact(*ref.key, data, said)

    def head(self, artifact_type: str, entity: str | None = None) -> ArtifactRef:
        ref = self.store.head(ArtifactKey(artifact_type, entity))
        assert ref is not None
        return ref

    def health(self, artifact_type: str, entity: str | None = None) -> ArtifactHealth:
        return self.store.health(self.head(artifact_type, entity))

    def stale(self) -> list[str]:
        return [str(ref) for ref in self.store.stale()]

    def judge(self, subject: ArtifactRef, verdict: Verdict, *examined: ArtifactRef) -> ArtifactRef:
        return self.store.assess(
            Assessment(
                subject=subject,
                verdict=verdict,
                examined=examined,
                by=AssessedBy.PERSON,
                who="the editor",
                why="read side by side",
            )
        )

    def hold(self, action: HoldAction, artifact_type: str, entity: str | None = None) -> None:
        self.store.record_hold(
            Hold(
                artifact_type=artifact_type,
                entity_id=entity,
                action=action,
                who="the director",
                why="final",
            )
        )

    def is_held(self, artifact_type: str, entity: str | None = None) -> bool:
        return self.store.heads()[ArtifactKey(artifact_type, entity)].held


@pytest.fixture
def film(tmp_path: Path):
    film = Film(tmp_path)
    script = film.script(1)
    film.breakdown(script, {"s1": "one", "s2": "two"})
    film.report("s1")
    film.report("s2")
    film.board("s1", "s2")
    yield film
    film.store.close()


def test_a_finished_film_is_valid(film):
    assert film.stale() == []
    assert {row.health for row in film.store.heads().values()} == {ArtifactHealth.VALID}


def test_lineage_is_told_direct_and_transitive(film):
    report = film.head("report", "s1")
    assert [str(ref) for ref in film.store.depends_on(report)] == ["scene/s1@1"]
    assert [str(ref) for ref in film.store.depends_on(report, transitive=True)] == [
        "scene/s1@1",
        "script@1",
    ]


def test_dependents_are_told_direct_and_transitive(film):
    script = film.head("script")
    direct = {str(ref) for ref in film.store.dependents(script)}
    assert direct == {"scene/s1@1", "scene/s2@1", "breakdown.members@1"}
    transitive = {str(ref) for ref in film.store.dependents(script, transitive=True)}
    assert transitive == direct | {"report/s1@1", "report/s2@1", "board@1"}


def test_lineage_names_the_exact_version(film):
    newer = film.script(2)
    assert film.store.dependents(newer) == []
    assert film.store.dependents(newer.model_copy(update={"version": 1})) != []


def test_a_new_script_makes_everything_below_stale(film):
    film.script(2)
    assert film.stale() == [
        "board@1",
        "breakdown.members@1",
        "report/s1@1",
        "report/s2@1",
        "scene/s1@1",
        "scene/s2@1",
    ]


def test_rebuilding_one_scene_leaves_its_sibling_valid(film):
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    assert film.stale() == ["board@1", "report/s1@1"]
    film.report("s1")
    assert film.stale() == ["board@1"]
    film.board("s1", "s2")
    assert film.stale() == []


def test_causes_tell_the_change_and_the_way_it_takes(film):
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    (cause,) = film.store.causes(film.head("board"))
    assert cause.kind is CauseKind.CONTENT
    assert (str(cause.used), str(cause.head), cause.role) == ("scene/s1@1", "scene/s1@2", "scene")
    assert [str(ref) for ref in cause.path] == ["board@1", "report/s1@1"]


def test_an_undone_change_makes_all_valid_again(film):
    film.script(2)
    film.script(1)
    assert film.stale() == []


def test_a_newer_version_with_identical_content_makes_nothing_stale(film):
    film.script(1)
    assert film.stale() == []


def test_a_version_built_from_a_superseded_parent_is_born_stale(film):
    old = film.head("scene", "s1")
    film.edit(old, {"text": "by hand"})
    film.save("note", None, {}, old)
    assert "note@1" in film.stale()


def test_an_older_versions_health_is_told_too(film):
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    old = film.head("scene", "s1").model_copy(update={"version": 1})
    assert film.store.health(old) is ArtifactHealth.STALE
    assert [str(cause.head) for cause in film.store.causes(old)] == ["script@2"]
    assert film.store.load_artifact(old).health is ArtifactHealth.STALE


def test_an_edit_stands_on_what_the_edited_version_stood_on(film):
    edited = film.edit(film.head("scene", "s1"), {"text": "by hand"})
    assert film.health("scene", "s1") is ArtifactHealth.VALID
    assert film.stale() == ["board@1", "report/s1@1"]
    film.script(2)
    assert [str(cause.head) for cause in film.store.causes(edited)] == ["script@2"]


def test_an_edit_of_a_kept_scene_stands_on_the_newest_judgement(film):
    film.breakdown(film.script(2), {"s1": "one", "s2": "two"})
    film.edit(film.head("scene", "s1"), {"text": "by hand"})
    assert film.health("scene", "s1") is ArtifactHealth.VALID


def test_a_judgement_of_the_edited_version_counts_for_the_edit_too(film):
    original = film.head("scene", "s1")
    edited = film.edit(original, {"text": "by hand"})
    script = film.script(2)
    assert film.store.health(edited) is ArtifactHealth.STALE
    content = film.store.metadata(original).content
    seen = Member(version=1, content=content, outcome=Outcome.KEPT)
    film.save(*MEMBERS, Collection(members={"scene": {"s1": seen}}), script)
    assert film.store.health(edited) is ArtifactHealth.VALID


def test_a_newer_collection_that_did_not_keep_a_version_ends_the_older_judgement(film):
    film.breakdown(film.script(2), {"s1": "one", "s2": "two"})
    scene = film.head("scene", "s1")
    assert film.store.health(scene) is ArtifactHealth.VALID
    content = film.store.metadata(scene).content
    held = Member(version=1, content=content, outcome=Outcome.HELD)
    film.save(*MEMBERS, Collection(members={"scene": {"s1": held}}), film.head("script"))
    assert film.store.health(scene) is ArtifactHealth.STALE


def test_a_collection_that_comes_in_late_under_an_older_number_is_not_the_newest(film):
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


def test_a_new_member_makes_what_gathered_the_set_stale(film):
    film.breakdown(film.script(2), {"s1": "one", "s2": "two", "s3": "three"})
    (cause,) = film.store.causes(film.head("board"))
    assert cause.kind is CauseKind.MEMBERS
    assert (cause.came, cause.went, cause.used) == (("s3",), (), None)
    assert cause.head == film.head("breakdown.members")


def test_a_cut_scene_vanishes_with_what_was_made_for_it(film):
    film.breakdown(film.script(2), {"s1": "one"})
    assert film.store.vanished() == [ArtifactKey("report", "s2"), ArtifactKey("scene", "s2")]
    assert film.stale() == ["board@1"]


def test_a_scene_that_comes_back_has_not_vanished(film):
    film.breakdown(film.script(2), {"s1": "one"})
    film.breakdown(film.script(3), {"s1": "one", "s2": "two"})
    assert film.store.vanished() == []
    assert film.stale() == []


def test_what_vanished_is_left_out_of_what_is_stale(film):
    film.breakdown(film.script(2), {"s1": "one"})
    film.edit(film.head("scene", "s2"), {"text": "nobody reads this"})
    assert film.health("report", "s2") is ArtifactHealth.STALE
    assert "report/s2@1" not in film.stale()


def test_a_nested_collection_vanishes_with_its_scene_and_takes_its_members_along(film):
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


def test_a_confirmed_version_is_valid_until_something_new_appears(film):
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    report = film.head("report", "s1")
    film.judge(report, Verdict.CONFIRMED, film.head("scene", "s1"))
    assert film.health("report", "s1") is ArtifactHealth.CONFIRMED_VALID
    assert film.health("board") is ArtifactHealth.VALID
    film.edit(film.head("scene", "s1"), {"text": "again"})
    assert film.health("report", "s1") is ArtifactHealth.STALE
    assert film.health("board") is ArtifactHealth.STALE


def test_a_confirmation_covers_later_versions_with_the_same_content(film):
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    film.judge(film.head("report", "s1"), Verdict.CONFIRMED, film.head("scene", "s1"))
    film.save("scene", "s1", {"text": "ONE"}, film.head("script"))
    assert film.health("report", "s1") is ArtifactHealth.CONFIRMED_VALID


def test_a_new_cause_behind_an_already_stale_parent_still_ends_a_confirmation(film):
    note = film.save("note", None, {}, film.head("report", "s1"), film.head("report", "s2"))
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    film.judge(note, Verdict.CONFIRMED, film.head("scene", "s1"))
    assert film.health("note") is ArtifactHealth.CONFIRMED_VALID
    film.edit(film.head("scene", "s2"), {"text": "TWO"})
    assert [str(cause.head) for cause in film.store.causes(note)] == ["scene/s2@2"]
    assert film.health("note") is ArtifactHealth.STALE


def test_the_latest_assessment_wins(film):
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    report, scene = film.head("report", "s1"), film.head("scene", "s1")
    film.judge(report, Verdict.CONFIRMED, scene)
    film.judge(report, Verdict.NEEDS_REVISION)
    assert film.health("report", "s1") is ArtifactHealth.NEEDS_REVISION
    film.judge(report, Verdict.CONFIRMED, scene)
    assert film.health("report", "s1") is ArtifactHealth.CONFIRMED_VALID
    latest = film.store.assessment(report)
    assert latest is not None and latest.examined == (scene,)


def test_a_version_never_assessed_has_no_assessment(film):
    film.judge(film.head("board"), Verdict.NEEDS_REVISION)
    assert film.store.assessment(film.head("script")) is None
    judged = film.store.assessment(film.head("board"))
    assert judged is not None and judged.verdict is Verdict.NEEDS_REVISION


def test_needs_revision_ends_with_the_next_version(film):
    film.judge(film.head("board"), Verdict.NEEDS_REVISION)
    assert film.health("board") is ArtifactHealth.NEEDS_REVISION
    film.board("s1", "s2")
    assert film.health("board") is ArtifactHealth.VALID


def test_confirming_what_has_no_causes_leaves_it_valid(film):
    film.judge(film.head("board"), Verdict.CONFIRMED, film.head("script"))
    assert film.health("board") is ArtifactHealth.VALID


def test_an_assessment_of_nothing_is_refused(film):
    missing = film.head("board").model_copy(update={"version": 9})
    with pytest.raises(NotFound, match="board@9"):
        film.judge(missing, Verdict.CONFIRMED)
    with pytest.raises(InvalidPayload, match="not a valid Assessment"):
        film.save("assessment", "a1", {"verdict": "fine"})


def test_assessment_records_sort_by_time(film):
    records = [film.judge(film.head("board"), Verdict.CONFIRMED) for _ in range(5)]
    assert film.store.list_artifacts("assessment") == [record.key for record in records]


def test_what_a_person_made_is_held_until_released(film):
    film.edit(film.head("scene", "s1"), {"text": "by hand"})
    assert film.is_held("scene", "s1")
    assert not film.is_held("scene", "s2")
    film.hold(HoldAction.RELEASE, "scene", "s1")
    assert not film.is_held("scene", "s1")
    film.edit(film.head("scene", "s1"), {"text": "by hand again"})
    assert film.is_held("scene", "s1")


def test_a_machines_head_can_be_put_on_hold_and_released(film):
    film.hold(HoldAction.HOLD, "board")
    assert film.is_held("board")
    film.board("s1", "s2")
    assert film.is_held("board")
    film.hold(HoldAction.RELEASE, "board")
    assert not film.is_held("board")


def test_a_person_s_words_handed_on_by_a_module_are_not_held(film):
    work = Fingerprint(digest=content_of(1), stage="ingest", code=content_of(2))
    film.save("script", None, {"draft": 5}, source=Source.HUMAN, fingerprint=work)
    assert not film.is_held("script")


def test_holding_what_does_not_exist_is_refused_with_the_nearest_name(film):
    with pytest.raises(NotFound, match="did you mean 'report/s1'"):
        film.hold(HoldAction.HOLD, "report", "s11")


def test_heads_show_what_the_planner_asks_for(film):
    work = Fingerprint(digest=content_of(1), stage="ingest", code=content_of(2))
    film.save("script", None, {"draft": 5}, fingerprint=work, run_id="run_7")
    row = film.store.heads()[ArtifactKey("script")]
    assert str(row.ref) == "script@2"
    assert (row.content, row.fingerprint) == (content_of({"draft": 5}), content_of(1))
    assert (row.source, row.run_id, row.health) == (Source.AI, "run_7", ArtifactHealth.VALID)


def test_counts_and_held_heads_say_what_the_heads_say(tmp_path):
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
