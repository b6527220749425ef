"""Snakemake goes over its DAG at the very moment in which a job has published, and is not yet taken for finished."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .conftest import ROOT, Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

SPLIT = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"word": {"ant": Output(data="ant")}})
"""
#: A fan-out that ends when the copy has been published.
SPELL = """
def run_module(inputs, params, project_config, context):
    import time
    while not (Path(%r) / "artifacts/copy/ant/v0001.json").exists(): time.sleep(0.01)
    return ModuleResult(outputs={"letter": {"letter_1": Output(data="a")}})
"""
HAND_ON = """
def run_module(inputs, params, project_config, context):
    given = inputs["%s"].data
    return ModuleResult(outputs={"%s": Output(data=given)})
"""
#: The copy's job goes on until the DAG was updated for the fan-out.
SNAKEMAKE = """
import sys, threading
from snakemake.cli import main
from snakemake.dag import DAG
from cineforge.bridge.local.local_jobs import LocalJobs

updated = threading.Event()
run, update = LocalJobs.run, DAG.update_checkpoint_dependencies

def run_and_wait(self, instance, version, attempt):
    run(self, instance, version, attempt)
    if instance.stage == "copy":
        assert updated.wait(300)

async def update_and_tell(self, jobs=None):
    done = await update(self, jobs)
    if jobs and any(job.rule.name == "spell" for job in jobs):
        updated.set()
    return done

LocalJobs.run, DAG.update_checkpoint_dependencies = run_and_wait, update_and_tell
main(sys.argv[1:])
"""


def test_what_reads_the_job_that_is_just_ending_is_not_left_out(project: Project) -> None:
    write_module(
        project.folder,
        "split_v1",
        {"stage": "split", "outputs": [{"type": "word", "many": True}]},
        SPLIT,
    )
    spell = {
        "stage": "spell",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "letter", "many": True}],
    }
    write_module(project.folder, "spell_v1", spell, SPELL % str(project.folder))
    for stage, reads in (("copy", "word"), ("second", "copy"), ("shout", "letter")):
        manifest = {
            "stage": stage,
            "inputs": {reads: {"type": reads}},
            "outputs": [{"type": stage}],
        }
        write_module(project.folder, f"{stage}_v1", manifest, HAND_ON % (reads, stage))
    write_recipe(
        project.folder,
        [
            {"id": "split", "module": "split_v1"},
            {"id": "copy", "module": "copy_v1", "needs": ["split"], "for_each": "word"},
            {"id": "spell", "module": "spell_v1", "needs": ["split"], "for_each": "word"},
            {"id": "second", "module": "second_v1", "needs": ["copy"], "for_each": "word"},
            {"id": "shout", "module": "shout_v1", "needs": ["spell"], "for_each": "letter"},
        ],
    )
    command = [sys.executable, "-c", SNAKEMAKE, "-s", str(ROOT / "Snakefile"), "-c2"]
    command += ["--directory", str(project.folder)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    made = {"split": 1, "copy": 1, "spell": 1, "second": 1, "shout": 1}
    assert project.module_calls() == made, done.stderr


#: A Snakemake that thinks, after the fan-out, that nothing else needs to run.
FORGETFUL = """
import sys
from snakemake.cli import main
from snakemake.dag import DAG

update = DAG.update_checkpoint_dependencies

async def update_and_forget(self, jobs=None):
    done = await update(self, jobs)
    if jobs and any(job.rule.name == "split" for job in jobs):
        self._ready_jobs.clear()
        self._needrun.clear()
    return done

DAG.update_checkpoint_dependencies = update_and_forget
main(sys.argv[1:])
"""


def test_a_run_that_snakemake_ends_too_early_is_no_success(project: Project) -> None:
    write_module(
        project.folder,
        "split_v1",
        {"stage": "split", "outputs": [{"type": "word", "many": True}]},
        SPLIT,
    )
    copy = {
        "stage": "copy",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "copy"}],
    }
    write_module(project.folder, "copy_v1", copy, HAND_ON % ("word", "copy"))
    write_recipe(
        project.folder,
        [
            {"id": "split", "module": "split_v1"},
            {"id": "copy", "module": "copy_v1", "needs": ["split"], "for_each": "word"},
        ],
    )
    command = [sys.executable, "-c", FORGETFUL, "-s", str(ROOT / "Snakefile"), "-c2"]
    command += ["--directory", str(project.folder)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 1, done.stderr
    assert "before all of its work was begun: copy/ant. Run the same command again" in done.stderr
    project.snakemake()
    assert project.module_calls() == {"split": 1, "copy": 1}
