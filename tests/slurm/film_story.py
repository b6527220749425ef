"""The screenplay recipe on the cluster: batches, one member that fails once, a node lost in the middle."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.slurm.calls import Call, job_to_lose, read_calls
from tests.slurm.cluster import Cluster
from tests.slurm.film_project import make_film_project
from tests.slurm.report import Start, calls_of, starts, steps, what_ran_where
from tests.slurm.runs import BIN, LostNode, Run, StoryFailed, expect

SCENES = 16
GROUPS = (
    "--groups",
    "scene_report=reports",
    "character_bible=bibles",
    "location_bible=bibles",
    "--group-components",
    "reports=4",
    "bibles=8",
)


def film_story(cluster: Cluster, folder: Path) -> None:
    """A complete, verified project; work that was done and published before a failure is not done again."""
    project = folder / "film"
    calls_file = folder / "calls.txt"
    make_film_project(project, SCENES)

    def choose() -> str | None:
        chosen = job_to_lose(read_calls(calls_file))
        return chosen.node if chosen else None

    lost = LostNode(cluster, choose)
    run = Run(cluster, project, GROUPS, CALLS=str(calls_file))
    status = run.wait(lost.step)
    calls = read_calls(calls_file)
    print(what_ran_where(cluster, calls))
    if status != 0:
        print(run.tail())
    expect(status == 0, "the run ends well")
    all_starts = starts(cluster)
    expect({start.node for start in all_starts} == {"node1", "node2"}, "both nodes worked")
    expect(
        "NODE_FAIL" in {start.state for start in all_starts}, f"{lost.node} was lost, and came back"
    )
    further = [step for step in steps(cluster) if not step.endswith(".0")]
    expect(not further, "a batch is one step of its job, whatever its size")
    _expect_siblings_stay(all_starts, calls)
    _expect_complete(project)

    before, made = _versions(project), len(read_calls(calls_file))
    again = Run(cluster, project, GROUPS, CALLS=str(calls_file))
    expect(
        again.wait() == 0 and "Nothing to be done" in again.tail(),
        "a second run finds nothing to do",
    )
    expect(len(read_calls(calls_file)) == made, "... calls no module")
    expect(_versions(project) == before, "... and changes no version")


def _expect_siblings_stay(all_starts: Sequence[Start], calls: list[Call]) -> None:
    stumbled = [call.job for call in calls if call.event == "failed"]
    expect(len(stumbled) == 1, "one member of a batch failed, once")
    failed = next(start for start in all_starts if start.job == stumbled[0])
    here = calls_of(failed, list(all_starts), calls)
    siblings = {call.what for call in here if call.event == "done"}
    times = Counter(call.what for call in calls if call.event == "began")
    again = sorted(name for name in siblings if times[name] != 1)
    expect(
        bool(siblings) and not again,
        f"its siblings' versions stay ({', '.join(sorted(siblings))}): none is made twice",
    )


def _expect_complete(project: Path) -> None:
    reports = list((project / "artifacts" / "scene_report").glob("*/v*/data.json"))
    expect(len(reports) == SCENES, f"{SCENES} reports, each with one version")
    expect(
        (project / "current" / "board_page" / "_.json").exists(), "the last stage's page is there"
    )
    verified = _cineforge("verify", project)
    expect(True, f"cineforge verify: {verified.splitlines()[-1]}")


def _cineforge(command: str, project: Path) -> str:
    done = subprocess.run(
        [BIN / "cineforge", command, "--directory", project], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise StoryFailed(f"cineforge {command}: {done.stdout}{done.stderr}")
    return done.stdout


def _versions(project: Path) -> dict[str, str]:
    files = (project / "artifacts").glob("*/*/v*/**/*")
    return {
        str(path.relative_to(project)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }
