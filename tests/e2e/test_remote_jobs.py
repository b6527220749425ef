"""Jobs in processes of their own, submitted through one of Snakemake's executor plugins as to any cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cineforge.bridge.remote.job_process import JobProcess
from cineforge.bridge.remote.run_folder import run_folder_of
from cineforge.deciding.instance import Instance
from cineforge.history.job_events import JobEvents
from cineforge.model.errors import DecisionFailed
from cineforge.model.records.run_events import JobFinished
from cineforge.recipes.load import load_recipe
from cineforge.store.layout import JOBS
from tests.store.index_dump import live_dump, rebuilt_dump

from .cluster import submitting
from .conftest import Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

CAST = """
def run_module(inputs, params, project_config, context):
    text = params["names"]
    return ModuleResult(outputs={"actor": {n: Output(data=n) for n in text.split()}})
"""
GREET = """
def run_module(inputs, params, project_config, context):
    name = inputs["actor"].data
    context.record_cost(model="mock", estimated_cost_usd=0.25)
    if Path({project!r}, name + ".fails").exists():
        raise RuntimeError("stage fright")
    return ModuleResult(outputs={{"greeting": Output(data="hello, I am " + name)}})
"""
CHOIR = """
def run_module(inputs, params, project_config, context):
    texts = [each.data for each in inputs["greetings"].values()]
    return ModuleResult(outputs={"song": Output(data=texts)})
"""


@pytest.fixture
def film(project: Project) -> Project:
    """`cast` (a fan-out) -> `greet` for each actor -> `choir` gathers them."""
    folder = project.folder
    folder.mkdir()
    names = {"type": "object", "properties": {"names": {"type": "string", "default": "ann bob"}}}
    cast = {
        "stage": "cast",
        "outputs": [{"type": "actor", "many": True}],
        "parameters": names,
    }
    write_module(folder, "cast_v1", cast, CAST)
    greet = {
        "stage": "greet",
        "inputs": {"actor": {"type": "actor"}},
        "outputs": [{"type": "greeting"}],
    }
    write_module(folder, "greet_v1", greet, GREET.format(project=str(folder)))
    choir = {
        "stage": "choir",
        "inputs": {"greetings": {"type": "greeting", "many": True}},
        "outputs": [{"type": "song"}],
    }
    write_module(folder, "choir_v1", choir, CHOIR)
    write_film(folder)
    return project


def write_film(folder: Path, **params: str) -> None:
    write_recipe(
        folder,
        [
            {"id": "cast", "module": "cast_v1", "params": params},
            {
                "id": "greet",
                "module": "greet_v1",
                "needs": ["cast"],
                "for_each": "actor",
                "retries": 1,
            },
            {"id": "choir", "module": "choir_v1", "needs": ["greet"]},
        ],
    )


def remotely(project: Project, *arguments: str, status: int = 0) -> str:
    """A run whose jobs are submitted, two greetings to a group."""
    return project.snakemake(
        *arguments,
        *submitting(project.folder),
        "--groups",
        "greet=pair",
        "--group-components",
        "pair=2",
        status=status,
    )


def jobs_log(project: Project) -> str:
    return (project.folder / "jobs.log").read_text(encoding="utf-8")


def test_a_run_on_a_cluster_ends_as_one_at_home(film: Project) -> None:
    remotely(film)
    assert film.load("song") == ["hello, I am ann", "hello, I am bob"]
    expected = {
        "actor/ann": [1],
        "actor/bob": [1],
        "cast.members/_": [1],
        "greeting/ann": [1],
        "greeting/bob": [1],
        "project_config/_": [1],
        "song/_": [1],
    }
    assert film.versions() == expected
    assert "Nothing to be done" in film.snakemake()
    assert live_dump(film.folder) == rebuilt_dump(film.folder)
    film.cineforge("verify", "--directory", str(film.folder))
    assert "$0.50" in film.cineforge("costs", "--directory", str(film.folder))
    assert film.module_calls() == {"cast": 1, "greet": 2, "choir": 1}

    assert_a_job_does_only_what_was_planned(film)
    assert film.module_calls() == {"cast": 1, "greet": 2, "choir": 1}

    # The greetings are made anew and come out the same: the song's own job finds that it is kept.
    code = film.folder / "modules" / "greet" / "greet_v1" / "main.py"
    before = code.read_text()
    code.write_text(f"{before}\n# politely\n")
    remotely(film)
    greeted = {"greeting/ann": [1, 2], "greeting/bob": [1, 2]}
    assert film.versions() == {**expected, **greeted}
    assert "choir: kept after all, song@1 is up to date" in jobs_log(film)
    assert film.module_calls() == {"cast": 1, "greet": 4, "choir": 1}
    assert "Nothing to be done" in film.snakemake()

    # An undo, and another actor: what was made before is taken from there.
    code.write_text(before)
    write_film(film.folder, names="ann bob cleo")
    remotely(film)
    assert film.module_calls() == {"cast": 2, "greet": 5, "choir": 2}
    assert film.load("greeting", "ann") == "hello, I am ann"
    assert film.versions()["greeting/ann"] == [1, 2, 3]
    assert live_dump(film.folder) == rebuilt_dump(film.folder)


def test_the_siblings_of_a_failed_group_member_keep_their_versions(film: Project) -> None:
    (film.folder / "bob.fails").touch()
    said = remotely(film, "--keep-going", status=1)
    assert "greet/bob (greet_v1) failed: RuntimeError: stage fright" in said
    assert film.versions()["greeting/ann"] == [1]
    assert "greeting/bob" not in film.versions()
    assert film.module_calls() == {"cast": 1, "greet": 3}, "the job's own process retries nothing"
    assert "$0.75" in film.cineforge("costs", "--directory", str(film.folder)), "failures cost too"

    (film.folder / "bob.fails").unlink()
    film.snakemake()
    assert film.module_calls() == {"cast": 1, "greet": 4, "choir": 1}
    assert film.versions()["greeting/ann"] == [1]
    assert live_dump(film.folder) == rebuilt_dump(film.folder)

    said = film.snakemake(
        "--executor=cluster-generic",
        "--cluster-generic-submit-cmd=false",
        "-F",
        "--jobs=1",
        "--groups",
        "cast=all",
        "greet=all",
        status=1,
    )
    assert "'cast' is a fan-out" in said and "give it a group of its own" in said

    costly = Project(film.folder.rename(film.folder.with_name("a film for $5")))
    said = remotely(costly, "-F", status=1)
    assert "a film for $5', holds '$'" in said and "rename the folder" in said


def test_a_manifest_that_is_broken_midway_is_told_by_the_run(film: Project) -> None:
    folder = film.folder / "modules"
    manifest = folder / "greet" / "greet_v1" / "module.yaml"
    breaking = f"Path({str(manifest)!r}).write_text('stage: [greet')\n    text ="
    code = folder / "cast" / "cast_v1" / "main.py"
    code.write_text(code.read_text().replace("text =", breaking))
    said = remotely(film, status=1)
    assert f"{manifest}:2: not valid YAML" in said
    runs = json.loads(film.cineforge("runs", "--directory", str(film.folder), "--json"))
    assert [each["status"] for each in runs] == ["failed"]
    assert "greeting/ann" not in film.versions()


def assert_a_job_does_only_what_was_planned(film: Project) -> None:
    (run,) = (film.folder / "runs").iterdir()
    code = film.folder / "modules" / "choir" / "choir_v1" / "main.py"
    before = code.read_text()
    code.write_text(before + "\n# another song\n")
    recipe = load_recipe(film.folder / "recipes" / "made.yaml", project=film.folder, variables={})
    session = JobProcess(
        film.folder,
        run_folder_of(film.folder, run.name),
        lambda: recipe,
        (film.folder,),
        print,
    )
    with pytest.raises(DecisionFailed, match="changed since the run was planned"):
        session.run(Instance("choir"), 1, attempt=1)
    told = [each for each in JobEvents(run / JOBS).fresh() if isinstance(each, JobFinished)]
    assert any("changed since the run was planned" in each.error for each in told), "for the run"
    with pytest.raises(DecisionFailed, match="was not planned by this run"):
        session.run(Instance("greet", "eve"), 1, attempt=1)
    # The same job once more: an earlier attempt has done it.
    session.run(Instance("greet", "ann"), 1, attempt=2)
    code.write_text(before)
