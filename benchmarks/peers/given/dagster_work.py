# mypy: ignore-errors
# ruff: noqa: ARG001
"""For Dagster: a graph that learns while it runs how many scenes there are; all in one process."""

from pathlib import Path

import steps
from dagster import DynamicOut, DynamicOutput, in_process_executor, job, op


@op
def script():
    return steps.script()


@op(out=DynamicOut())
def breakdown(script):
    for path in steps.breakdown():
        yield DynamicOutput(path, mapping_key=Path(path).stem)


@op
def analysis(scene):
    return steps.analysis(Path(scene).stem)


@op
def board(analyses):
    return steps.board()


@job(executor_def=in_process_executor)
def work():
    board(breakdown(script()).map(analysis).collect())
