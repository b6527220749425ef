"""Times: in order for each artifact, and true again for all others once the clock is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cineforge.commands.main import main
from cineforge.model.health import ArtifactHealth, AssessedBy, Assessment, Hold, HoldAction, Verdict
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore
from cineforge.store.index.tables import clock
from cineforge.store.index.tables.columns import to_microseconds

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WRONG = [
    datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
]
SAID = Provenance(source=Source.AI)


class Machine:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = NOW
        monkeypatch.setattr(clock, "machine_time", lambda: to_microseconds(self.time))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def made_at(store: ArtifactStore, ref: ArtifactRef) -> datetime:
    return store.metadata(ref).created_at


@pytest.mark.parametrize("wrong", WRONG)
def test_a_clock_that_was_wrong_once_dates_only_what_was_saved_then(
    tmp_path: Path, machine: Machine, wrong: datetime
) -> None:
    with ArtifactStore(tmp_path) as store:
        first = store.save_artifact("tale", None, {"draft": 1}, SAID)
        machine.time = wrong
        second = store.save_artifact("tale", None, {"draft": 2}, SAID)
    machine.time = NOW + timedelta(minutes=1)
    with ArtifactStore(tmp_path) as store:
        others = [store.save_artifact("verse", name, {}, SAID) for name in ("a", "b", "c")]
        third = store.save_artifact("tale", None, {"draft": 3}, SAID)
        times = [made_at(store, ref) for ref in others]
        assert times == sorted(set(times))
        assert all(NOW < time < NOW + timedelta(hours=1) for time in times)
        assert made_at(store, first) < made_at(store, second) <= made_at(store, third)
        ahead = {second, third} if wrong > NOW else set()
        assert set(store.far_ahead()) == ahead
        store.reindex()
        assert made_at(store, store.save_artifact("verse", "d", {}, SAID)) < NOW + timedelta(
            hours=1
        )


def test_the_latest_word_counts_also_after_one_that_is_far_ahead(
    tmp_path: Path, machine: Machine
) -> None:
    key = ArtifactKey("tale", None)
    hold = Hold(artifact_type="tale", entity_id=None, action=HoldAction.HOLD, who="ida", why="")
    release = hold.model_copy(update={"action": HoldAction.RELEASE})
    with ArtifactStore(tmp_path) as store:
        tale = store.save_artifact("tale", None, {"draft": 1}, SAID)
        machine.time = WRONG[0]
        store.record_hold(hold)
        revise = Assessment(
            subject=tale, verdict=Verdict.NEEDS_REVISION, by=AssessedBy.PERSON, who="ida", why=""
        )
        store.assess(revise)
        machine.time = NOW + timedelta(minutes=1)
        store.record_hold(release)
        assert key not in {ref.key for ref in store.held()}
        store.assess(revise.model_copy(update={"verdict": Verdict.CONFIRMED}))
        assert store.health(tale) is not ArtifactHealth.NEEDS_REVISION
        mine = store.save_artifact("tale", None, {"draft": 2}, Provenance(source=Source.HUMAN))
        assert mine in store.held()
        store.reindex()
        assert mine in store.held()
        assert store.health(tale) is not ArtifactHealth.NEEDS_REVISION


@pytest.mark.parametrize("wrong", WRONG)
def test_questions_survive_any_year_and_name_what_is_ahead(
    tmp_path: Path,
    machine: Machine,
    wrong: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    machine.time = wrong
    with ArtifactStore(tmp_path) as store:
        for draft in range(3):
            store.save_artifact("tale", None, {"draft": draft}, SAID)
    machine.time = NOW
    for words in (
        ["status"],
        ["status", "--json"],
        ["history", "tale"],
        ["history", "tale", "--json"],
        ["why", "tale"],
        ["at", "9999-12-31"],
        ["at", "0001-01-01"],
        ["at", "9999-12-31 23:59:59+00:00"],
        ["at", "0001-01-01 00:00:00+14:00"],
        ["at", "9999-W52"],
        ["verify"],
        ["reindex"],
    ):
        status = main([*words, "--directory", str(tmp_path)])
        said = capsys.readouterr()
        assert (status, said.err) == (0, "") or "is no time" in said.err, (words, said)
    main(["status", "--directory", str(tmp_path)])
    assert ("warning: tale@" in capsys.readouterr().out) == (wrong > NOW)
