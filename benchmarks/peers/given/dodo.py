# mypy: ignore-errors
"""For doit: files are compared by their contents."""

import steps
from doit import create_after

DOIT_CONFIG = {"default_tasks": ["board"], "verbosity": 0}


def _done(step, *args):
    step(*args)  # what an action returns has a meaning for doit


def task_script():
    return {
        "actions": [(_done, [steps.script])],
        "file_dep": ["story.txt"],
        "targets": ["script.json"],
    }


def task_breakdown():
    return {"actions": [(_done, [steps.breakdown])], "file_dep": ["script.json"]}


@create_after(executed="breakdown", target_regex=r"analysis/.*")
def task_analysis():
    for name in steps.scenes():
        yield {
            "name": name,
            "actions": [(_done, [steps.analysis, name])],
            "file_dep": [f"scene/{name}.json"],
            "targets": [f"analysis/{name}.json"],
        }


@create_after(executed="breakdown")
def task_board():
    return {
        "actions": [(_done, [steps.board])],
        "file_dep": [f"analysis/{name}.json" for name in steps.scenes()],
        "task_dep": ["analysis"],
        "targets": ["board.json"],
    }
