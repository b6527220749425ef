"""What people and rules say of a film's versions: assessments, holds and releases."""

from __future__ import annotations

import pytest

from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.model.errors import InvalidPayload, NotFound, StoreDamaged
from cineforge.model.health import ArtifactHealth, HoldAction, Verdict
from cineforge.model.metadata import Fingerprint, GatheredSet, Provenance, Source
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import Publication, content_of, stage_payload

from .film import Film


def test_a_confirmed_version_is_valid_until_something_new_appears(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    report = film.head("report", "s1")
    film.judge(report, Verdict.CONFIRMED, film.head("scene", "s1"))
    assert film.health("report", "s1") is ArtifactHealth.CONFIRMED_VALID
    assert film.health("board") is ArtifactHealth.VALID
    film.edit(film.head("scene", "s1"), {"text": "again"})
    assert film.health("report", "s1") is ArtifactHealth.STALE
    assert film.health("board") is ArtifactHealth.STALE


def test_a_confirmation_covers_later_versions_with_the_same_content(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    film.judge(film.head("report", "s1"), Verdict.CONFIRMED, film.head("scene", "s1"))
    film.save("scene", "s1", {"text": "ONE"}, film.head("script"))
    assert film.health("report", "s1") is ArtifactHealth.CONFIRMED_VALID


def test_a_new_cause_behind_an_already_stale_parent_still_ends_a_confirmation(film: Film) -> None:
    note = film.save("note", None, {}, film.head("report", "s1"), film.head("report", "s2"))
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    film.judge(note, Verdict.CONFIRMED, film.head("scene", "s1"))
    assert film.health("note") is ArtifactHealth.CONFIRMED_VALID
    film.edit(film.head("scene", "s2"), {"text": "TWO"})
    assert [str(cause.head) for cause in film.store.causes(note)] == ["scene/s2@2"]
    assert film.health("note") is ArtifactHealth.STALE


def test_the_latest_assessment_wins(film: Film) -> None:
    film.breakdown(film.script(2), {"s1": "ONE", "s2": "two"})
    report, scene = film.head("report", "s1"), film.head("scene", "s1")
    film.judge(report, Verdict.CONFIRMED, scene)
    film.judge(report, Verdict.NEEDS_REVISION)
    assert film.health("report", "s1") is ArtifactHealth.NEEDS_REVISION
    film.judge(report, Verdict.CONFIRMED, scene)
    assert film.health("report", "s1") is ArtifactHealth.CONFIRMED_VALID
    latest = film.store.assessment(report)
    assert latest is not None and latest.examined == (scene,)


def test_a_version_never_assessed_has_no_assessment(film: Film) -> None:
    film.judge(film.head("board"), Verdict.NEEDS_REVISION)
    assert film.store.assessment(film.head("script")) is None
    judged = film.store.assessment(film.head("board"))
    assert judged is not None and judged.verdict is Verdict.NEEDS_REVISION


def test_needs_revision_ends_with_the_next_version(film: Film) -> None:
    film.judge(film.head("board"), Verdict.NEEDS_REVISION)
    assert film.health("board") is ArtifactHealth.NEEDS_REVISION
    film.board("s1", "s2")
    assert film.health("board") is ArtifactHealth.VALID


def test_confirming_what_has_no_causes_leaves_it_valid(film: Film) -> None:
    film.judge(film.head("board"), Verdict.CONFIRMED, film.head("script"))
    assert film.health("board") is ArtifactHealth.VALID


def test_an_assessment_of_nothing_is_refused(film: Film) -> None:
    missing = film.head("board").model_copy(update={"version": 9})
    with pytest.raises(NotFound, match="board@9"):
        film.judge(missing, Verdict.CONFIRMED)
    with pytest.raises(InvalidPayload, match="not a valid Assessment"):
        film.save("assessment", "a1", {"verdict": "fine"})


def test_assessment_records_sort_by_time(film: Film) -> None:
    records = [film.judge(film.head("board"), Verdict.CONFIRMED) for _ in range(5)]
    assert film.store.list_artifacts("assessment") == [record.key for record in records]


def test_what_a_person_made_is_held_until_released(film: Film) -> None:
    film.edit(film.head("scene", "s1"), {"text": "by hand"})
    assert film.is_held("scene", "s1")
    assert not film.is_held("scene", "s2")
    film.hold(HoldAction.RELEASE, "scene", "s1")
    assert not film.is_held("scene", "s1")
    film.edit(film.head("scene", "s1"), {"text": "by hand again"})
    assert film.is_held("scene", "s1")


def test_a_machines_head_can_be_put_on_hold_and_released(film: Film) -> None:
    film.hold(HoldAction.HOLD, "board")
    assert film.is_held("board")
    film.board("s1", "s2")
    assert film.is_held("board")
    film.hold(HoldAction.RELEASE, "board")
    assert not film.is_held("board")


def test_a_person_s_words_handed_on_by_a_module_are_not_held(film: Film) -> None:
    work = Fingerprint(digest=content_of(1), stage="ingest", code=content_of(2))
    film.save("script", None, {"draft": 5}, source=Source.HUMAN, fingerprint=work)
    assert not film.is_held("script")


def test_holding_what_does_not_exist_is_refused_with_the_nearest_name(film: Film) -> None:
    with pytest.raises(NotFound, match="did you mean 'report/s1'"):
        film.hold(HoldAction.HOLD, "report", "s11")


def test_a_late_collection_that_explains_what_went_counts_in_what_was_confirmed(film: Film) -> None:
    film.save("shot", "s1.z", {})
    for scene in ("s1", "s2"):
        shot = film.save("shot", f"{scene}.a", {})
        name_shots(film, scene, [shot])
    name_shots(film, "s1", [film.head("shot", "s1.a")], version=3)
    gathered = GatheredSet(
        role="shots", stage="shoot", member_type="shot", ids=("s1.a", "s1.z", "s2.a")
    )
    reel = film.save("reel", None, {}, gathered=(gathered,))
    film.judge(reel, Verdict.CONFIRMED, film.head("shoot.members", "s1"))
    # Any collection might have named s1.z, and the judge saw one of two.
    assert film.health("reel") is ArtifactHealth.STALE
    name_shots(film, "s1", [film.head("shot", "s1.a"), film.head("shot", "s1.z")], version=2)
    assert film.store.causes(reel) == []
    assert film.health("reel") is ArtifactHealth.CONFIRMED_VALID


def name_shots(
    film: Film, scene: str, shots: list[ArtifactRef], version: int | None = None
) -> None:
    listed = {
        str(ref.entity_id): Member(
            version=ref.version, content=film.store.metadata(ref).content, outcome=Outcome.NEW
        )
        for ref in shots
    }
    store, key = film.store, ArtifactKey("shoot.members", scene)
    collection = Collection(parent=scene, members={"shot": listed})
    staged = stage_payload(store.project, key, collection, {}, store.owner)
    store.publish([Publication(staged, Provenance(source=Source.AI), version)])


@pytest.mark.parametrize("kind", ["assessment", "hold"])
def test_what_was_changed_since_it_was_said_is_damage_and_not_believed(
    film: Film, kind: str
) -> None:
    report = film.head("report", "s1")
    film.judge(report, Verdict.NEEDS_REVISION)
    film.hold(HoldAction.RELEASE, "report", "s1")
    (said,) = (film.store.project / "artifacts" / kind).glob("*/v0001/data.json")
    said.chmod(0o644)
    text = said.read_text()
    said.write_text(text.replace("needs_revision", "confirmed").replace("release", "hold"))
    assert said.read_text() != text
    with pytest.raises(StoreDamaged, match="does not match its seal"):
        film.store.assessment(report) if kind == "assessment" else film.store.hold(report.key)


def test_a_changed_approval_opens_no_gate(film: Film) -> None:
    report = film.save("report", "s1", {"of": "s1"}, film.head("scene", "s1"))
    project = film.store.project
    film.judge(report, Verdict.CONFIRMED)
    seen = StoreWorld(film.store, (project,)).examined(report)
    film.judge(report, Verdict.CONFIRMED, film.head("scene", "s1"))
    assert StoreWorld(film.store, (project,)).examined(report) != seen
    for said in (project / "artifacts" / "assessment").glob("*/v0001/data.json"):
        said.chmod(0o644)
        said.write_text(said.read_text() + " ")
    assert StoreWorld(film.store, (project,)).examined(report) == {}
    assert StoreWorld(film.store, (project,))._verdict(report) is None
