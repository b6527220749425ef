"""`main.py` of a told module: does the shipped module's work, tells of it, takes a second, and stumbles once.

Copied into a project by `film_project.py`, beside the shipped code as `work.py`.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from cineforge import Inputs, ModuleContext, ModuleResult, Params, ProjectValues

from .work import run_module as work

#: The entity whose work fails the first time it is tried.
STUMBLES = "scene_7"


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """The shipped module's result."""
    tell(context, "began")
    time.sleep(1)
    if context.entity_id == STUMBLES:
        with contextlib.suppress(FileExistsError):
            Path(f"{os.environ['CALLS']}.stumbled").touch(exist_ok=False)
            time.sleep(2)  # so that what runs beside it is done
            tell(context, "failed")
            raise RuntimeError("this scene stumbles once")
    result: ModuleResult = work(inputs, params, project_config, context)
    tell(context, "done")
    return result


def tell(context: ModuleContext, event: str) -> None:
    """Add a line about this moment, in one write."""
    node = os.environ.get("SLURMD_NODENAME", "here")
    job = os.environ.get("SLURM_JOB_ID", "none")
    line = f"{context.entity_id or context.stage} {node} {job} {time.time()} {event}\n"
    with Path(os.environ["CALLS"]).open("a", encoding="utf-8") as calls:
        calls.write(line)
