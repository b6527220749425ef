"""Twenty small jobs of a plain Snakefile: what the cluster and Snakemake's plugin do, without CineForge."""

from __future__ import annotations

from pathlib import Path

from tests.slurm.calls import job_to_lose, read_calls
from tests.slurm.cluster import Cluster
from tests.slurm.report import starts, what_ran_where
from tests.slurm.runs import LostNode, Run, expect

SNAKEFILE = Path(__file__).with_name("plain.smk")


def plain_story(cluster: Cluster, folder: Path) -> None:
    """Batches of three; one member fails once; a node is lost in the middle; all twenty are made."""
    calls_file = folder / "calls.txt"

    def choose() -> str | None:
        chosen = job_to_lose(read_calls(calls_file))
        return chosen.node if chosen else None

    lost = LostNode(cluster, choose)
    groups = ("--groups", "small=small", "--group-components", "small=3")
    run = Run(cluster, folder, ["--snakefile", SNAKEFILE, *groups], CALLS=str(calls_file))
    status = run.wait(lost.step)
    print(what_ran_where(cluster, read_calls(calls_file)))
    if status != 0:
        print(run.tail())
    expect(status == 0, "the run ends well")
    expect(len(list((folder / "made").iterdir())) == 20, "all twenty are made")
    states = {start.state for start in starts(cluster)}
    expect({"FAILED", "NODE_FAIL", "COMPLETED"} <= states, "a batch failed, and a node was lost")
    expect({start.node for start in starts(cluster)} == {"node1", "node2"}, "both nodes worked")
