"""What two runs may not both make."""

from __future__ import annotations

import functools
import os
import resource
import subprocess
import sys
import threading
import time
from itertools import product
from pathlib import Path

import pytest

from cineforge.history.run_claims import Claim, RunClaims, is_alive, job_claim
from cineforge.model.errors import ProjectBusy
from cineforge.store.disk.durable import CannotWrite

ENTITIES = ["_", "a", "a.b", "a.b.c", "ab", "b"]


def meant(claim: Claim) -> set[str]:
    stem = claim.entity.removesuffix("*")
    return {each for each in ENTITIES if each == stem or (claim.is_open and each.startswith(stem))}


@pytest.mark.parametrize("first", ["_", "a", "a.b", "*", "a.*", "ab", "a.b.*"])
@pytest.mark.parametrize("second", ["a.b", "b", "*", "a.*", "a.b.*"])
def test_claims_overlap_when_an_artifact_can_be_meant_by_both(first: str, second: str) -> None:
    one, other = Claim("scene", first), Claim("scene", second)
    assert one.overlaps(other) == other.overlaps(one) == bool(meant(one) & meant(other))
    assert not one.overlaps(Claim("shot", second))


def test_what_a_live_run_has_claimed_is_refused_by_its_name(tmp_path: Path) -> None:
    first, second = RunClaims(tmp_path, "monday"), RunClaims(tmp_path, "tuesday")
    first.begin()
    second.begin()
    first.add([Claim("report", "scene_1"), Claim("board", "_")])
    second.add([Claim("report", "scene_2")])
    with pytest.raises(ProjectBusy) as told:
        second.add([Claim("report", "scene_3"), Claim("board", "_")])
    assert f"run monday (process {os.getpid()} on " in str(told.value)
    assert "is making board:" in str(told.value)
    # Of a refused claim nothing is left: another run may have its other half.
    first.add([Claim("report", "scene_3")])
    first.end()
    second.add([Claim("report", "*")])
    second.end()


def test_a_run_claims_what_it_may_come_to(tmp_path: Path) -> None:
    first, second = RunClaims(tmp_path, "monday"), RunClaims(tmp_path, "tuesday")
    first.begin()
    second.begin()
    first.add([Claim("frame", "scene_1.*")])
    second.add([Claim("frame", "scene_2.shot_1")])
    with pytest.raises(ProjectBusy, match=r"may yet make frame/scene_1.shot_9"):
        second.add([Claim("frame", "scene_1.shot_9")])
    first.end()
    second.end()


def test_two_live_runs_never_have_the_same_id(tmp_path: Path) -> None:
    first = RunClaims(tmp_path, "monday")
    first.begin()
    with pytest.raises(ProjectBusy, match="choose another --run-id"):
        RunClaims(tmp_path, "monday").begin()
    first.end()
    RunClaims(tmp_path, "monday").begin()


DIES = """
import os, signal, sys
from pathlib import Path
from cineforge.history.run_claims import Claim, RunClaims
claims = RunClaims(Path(sys.argv[1]), "monday")
claims.begin()
claims.add([Claim("board", "_")])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_claims_of_a_killed_run_are_nobodys(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False)
    left = tmp_path / "artifacts" / ".live" / "claims" / "monday"
    assert "board/_" in left.read_text()
    assert not is_alive(tmp_path, "monday")
    claims = RunClaims(tmp_path, "tuesday")
    claims.begin()
    claims.add([Claim("board", "_")])
    assert not left.exists()
    claims.end()


def test_a_job_that_outlives_its_run_keeps_what_it_makes(tmp_path: Path) -> None:
    run = RunClaims(tmp_path, "monday")
    run.begin()
    waited: list[str] = []
    with job_claim(tmp_path, "monday", "report.a", [Claim("report", "a")], lambda: None):
        run.add([Claim("report", "a")])  # the run's own job is nobody else's
        run.end()
        tuesday = RunClaims(tmp_path, "tuesday")
        tuesday.begin()
        with pytest.raises(ProjectBusy, match=r"job report\.a of run monday \(process \d+ on "):
            tuesday.add([Claim("report", "*")])

        def twin() -> None:
            with job_claim(
                tmp_path, "monday", "report.a", [], functools.partial(waited.append, "waited")
            ):
                waited.append("began")

        thread = threading.Thread(target=twin)
        thread.start()
        while not waited:
            time.sleep(0.01)
        waited.append("first has ended")
    thread.join()
    assert waited[0] == "waited" and waited[-2:] == ["first has ended", "began"]
    tuesday.add([Claim("report", "*")])
    assert {each.name for each in (tmp_path / "artifacts" / ".live" / "claims").iterdir()} == {
        ".lock",
        "tuesday",
    }
    tuesday.end()


def test_planted_links_lead_no_claim_out_of_the_project(tmp_path: Path) -> None:
    project, outside = tmp_path / "film", tmp_path / "precious"
    outside.write_text("as it was")
    claims = project / "artifacts" / ".live" / "claims"
    claims.mkdir(parents=True)
    (claims / "monday").symlink_to(outside)
    RunClaims(project, "monday").begin()
    assert outside.read_text() == "as it was"
    assert is_alive(project, "monday")

    (claims / ".lock").unlink()
    (claims / ".lock").symlink_to(tmp_path / "planted")
    with pytest.raises(CannotWrite, match=r"claims/\.lock cannot be written"):
        RunClaims(project, "tuesday").begin()
    assert not (tmp_path / "planted").exists()


def test_every_pair_of_claims_is_told_alike_from_both_sides() -> None:
    names = [*ENTITIES, *(f"{each}.*" for each in ENTITIES), "*"]
    for one, other in product(names, names):
        assert Claim("x", one).overlaps(Claim("x", other)) == Claim("x", other).overlaps(
            Claim("x", one)
        )


def test_a_run_that_cannot_even_say_that_it_begins_says_why(tmp_path: Path) -> None:
    claims = RunClaims(tmp_path, "monday")
    size, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    try:
        with pytest.raises(CannotWrite, match="do it again"):
            claims.begin()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    claims.begin()
    claims.end()
