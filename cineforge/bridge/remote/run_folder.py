"""What a run leaves in its folder for the processes of its jobs: workflow, configuration and groups as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.history.run_files import runs_folder, write_private
from cineforge.model.errors import DecisionFailed
from cineforge.model.names import check_segment
from cineforge.store.disk.safe_files import read_regular, read_text, write_new
from cineforge.store.layout import JOBS, require_inside

if TYPE_CHECKING:
    from pydantic import JsonValue

WORKFLOW_FILE = "workflow.smk"
GROUPS_FILE = "groups.json"
CONFIG_FILE = "config.json"


def run_folder_of(project: Path, run_id: str) -> Path:
    """The folder of the run that a job belongs to. Raises DecisionFailed when the run left nothing for jobs."""
    folder = runs_folder(project) / check_segment("run id", run_id)
    if not (folder / CONFIG_FILE).is_file():
        raise DecisionFailed(
            f"{folder} holds no job files: jobs in other processes need the main one's folder,"
            " on a file system that all hosts share"
        )
    return folder


def save_workflow(
    folder: Path, compiled: Path, config: Mapping[str, JsonValue], groups: Mapping[str, str]
) -> None:
    """Keep the workflow, its configuration and its groups as they are now, for the jobs of a run."""
    require_inside(folder.parent.parent, folder / JOBS)
    (folder / JOBS).mkdir(parents=True, exist_ok=True)
    if compiled.is_file():
        write_new(folder / WORKFLOW_FILE, read_regular(compiled))
    write_private(folder / CONFIG_FILE, json.dumps(dict(config)))
    write_new(folder / GROUPS_FILE, json.dumps(dict(groups)))


def load_config(folder: Path, config: MutableMapping[str, JsonValue]) -> None:
    """Fill Snakemake's `config` with what it was when the run began."""
    config.update(json.loads(read_text(folder / CONFIG_FILE)))


def load_groups(folder: Path) -> dict[str, str]:
    """The groups that a run put its stages' jobs in, by stage."""
    groups: dict[str, str] = json.loads(read_text(folder / GROUPS_FILE))
    return groups
