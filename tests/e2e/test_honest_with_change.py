"""Each kind of change triggers exactly the stages that read it; nothing else triggers anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from .conftest import Project
from .workshop import write_module

pytestmark = pytest.mark.e2e

SAY = """
{imports}
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={{"{made}": Output(data={data})}})
"""
WORDS = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"word": {w: Output(data=w) for w in inputs["script"].data.split()}})
"""
RECIPE = """
recipe_id: made
description: A stage for each thing that can change.
project: {aspect: wide, mood: calm}
stages:
  - {id: reads_source, module: reads_source_v1, params: {file: script.txt}}
  - {id: splits, module: splits_v1, needs: [reads_source]}
  - {id: shouts, module: shouts_v1, needs: [splits], for_each: word}
  - {id: gathers, module: gathers_v1, needs: [shouts]}
  - {id: has_params, module: has_params_v1, params: {tone: dry}}
  - {id: has_config, module: has_config_v1}
  - {id: has_schema, module: has_schema_v1}
  - {id: has_files, module: has_files_v1}
  - {id: has_helper, module: has_helper_v1}
  - {id: reads_nothing, module: reads_nothing_v1}
"""


@dataclass(frozen=True)
class Row:
    """What is changed in which file; the trigger that it counts for; and the calls and reasons that follow."""

    file: str
    old: str
    new: str
    trigger: str
    reasons: dict[str, list[str]]


ROWS = [
    Row("modules/has/has_files_v1/table.txt", "1", "2", "code", {"has_files": ["code"]}),
    Row("modules/shared/helper.py", "quiet", "loud", "code", {"has_helper": ["code"]}),
    Row(
        "schemas/artifacts/has_schema.schema.json",
        '"$schema"',
        '"title": "Any", "$schema"',
        "code",
        {"has_schema": ["schema"]},
    ),
    Row("recipes/made.yaml", "tone: dry", "tone: wet", "params", {"has_params": ["params"]}),
    Row("recipes/made.yaml", "aspect: wide", "aspect: tall", "params", {"has_config": ["config"]}),
    Row(
        "script.txt",
        "ant bee",
        "ant bee cat",
        "input",
        {
            "reads_source": ["source"],
            "splits": ["upstream"],
            "shouts/cat": ["never_built"],
            "gathers": ["members"],
        },
    ),
]


def stage_module(film: Project, stage: str, data: str, imports: str = "", **more: object) -> None:
    code = SAY.format(made=stage, data=data, imports=imports)
    manifest = {"stage": "has", "outputs": [{"type": stage}], **more}
    write_module(film.folder, f"{stage}_v1", manifest, code)


@pytest.fixture
def film(project: Project) -> Project:
    """A project with a stage for each thing that can change, run once."""
    home = project.folder
    shared = home / "modules" / "shared"
    shared.mkdir(parents=True)
    (shared / "helper.py").write_text('SAYS = "quiet"\n', encoding="utf-8")
    source = {"type": "object", "properties": {"file": {"type": "string", "format": "source-file"}}}
    script = [{"type": "script", "schema": "reads_source"}]
    write_module(
        home,
        "reads_source_v1",
        {"stage": "has", "outputs": script, "parameters": source},
        SAY.format(made="script", data="context.source('file').read_text()", imports=""),
    )
    manifest = {
        "stage": "has",
        "inputs": {"script": {"type": "script"}},
        "outputs": [{"type": "word", "many": True}],
    }
    write_module(home, "splits_v1", manifest, WORDS)
    stage_module(
        project, "shouts", "inputs['word'].data.upper()", inputs={"word": {"type": "word"}}
    )
    stage_module(
        project,
        "gathers",
        "sorted(inputs['all'])",
        inputs={"all": {"type": "shouts", "many": True}},
    )
    tone = {"type": "object", "properties": {"tone": {"type": "string"}}}
    stage_module(project, "has_params", "params['tone']", parameters=tone)
    stage_module(project, "has_config", "project_config['aspect']", project_config=["aspect"])
    stage_module(project, "has_schema", "1")
    stage_module(project, "has_files", "Path(__file__).with_name('table.txt').read_text()")
    (home / "modules/has/has_files_v1/table.txt").write_text("1\n", encoding="utf-8")
    stage_module(
        project, "has_helper", "SAYS", "from .shared.helper import SAYS", helpers=["helper.py"]
    )
    stage_module(project, "reads_nothing", "0")
    (home / "recipes").mkdir()
    (home / "recipes" / "made.yaml").write_text(RECIPE, encoding="utf-8")
    (home / "config.yaml").write_text("recipe: made\n", encoding="utf-8")
    (home / "script.txt").write_text("ant bee\n", encoding="utf-8")
    project.snakemake()
    assert sum(project.module_calls().values()) == 11
    return project


def edit(film: Project, file: str, old: str, new: str) -> None:
    path = film.folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def git_clone(film: Project, target: Path) -> Project:
    """All but the caches, through git: no file keeps its time."""
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    (film.folder / ".gitignore").write_text(".cineforge/\n.snakemake/\n", encoding="utf-8")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], cwd=film.folder, check=True)
    subprocess.run([*git, "clone", "-q", str(film.folder), str(target)], check=True)
    return Project(target)


def touch_everything(film: Project) -> None:
    for path in film.folder.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)


def tree(film: Project) -> dict[str, str]:
    """The digest of every file below artifacts, tickets and all."""
    return {
        name: at
        for name, at in film.other_files().items()
        if name.startswith("artifacts/") and not name.startswith("artifacts/.live/")
    }


def test_what_nobody_reads_triggers_nothing(film: Project, tmp_path: Path) -> None:
    recipe = yaml.safe_load((film.folder / "recipes/made.yaml").read_text(encoding="utf-8"))
    recipe["description"] = "Another description."
    recipe["project"]["mood"] = "wild"
    recipe["stages"].reverse()
    text = f"# A comment.\n{yaml.safe_dump(recipe, sort_keys=False)}"
    (film.folder / "recipes/made.yaml").write_text(text, encoding="utf-8")
    module = film.folder / "modules/has/reads_nothing_v1"
    (module / "main.py~").write_text("an editor's backup", encoding="utf-8")
    (module / "__pycache__").mkdir(exist_ok=True)
    (module / "__pycache__/main.pyc").write_bytes(b"compiled")
    touch_everything(film)
    clone = git_clone(film, tmp_path / "elsewhere" / "clone")
    shutil.rmtree(film.folder)
    before = tree(clone)
    said = clone.snakemake()
    assert "Nothing to be done" in said
    assert {name: at for name, at in tree(clone).items() if "/project_config/" not in name} == {
        name: at for name, at in before.items() if "/project_config/" not in name
    }
    assert clone.module_calls().total() == 11


def calls(film: Project, *words: str) -> tuple[Counter[str], dict[str, list[str]], str]:
    """A run's module calls by stage, its reasons by instance, and what was said."""
    before, runs = film.module_calls(), set((film.folder / "runs").iterdir())
    said = film.snakemake("all", *words)
    new = set((film.folder / "runs").iterdir()) - runs
    reasons = {}
    for run in new:
        plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
        for decision in plan["decisions"]:
            if "version" in decision:
                kinds = [reason["kind"] for reason in decision.get("reasons", ())]
                reasons[decision["instance"]] = kinds
    return film.module_calls() - before, reasons, said


def expected(*triggers: str) -> dict[str, list[str]]:
    found = {}
    for row in ROWS:
        if row.trigger in triggers:
            found.update(row.reasons)
    return found


def stages(instances: dict[str, list[str]]) -> Counter[str]:
    return Counter(name.partition("/")[0] for name in instances)


def test_each_change_triggers_exactly_the_stages_that_read_it(film: Project) -> None:
    for row in ROWS:
        edit(film, row.file, row.old, row.new)
    before = tree(film)
    made, reasons, said = calls(film, "--rerun-triggers", "mtime", "software-env")
    assert (made, reasons) == (Counter(), {})
    assert {name: at for name, at in tree(film).items() if "project_config" not in name} == {
        name: at for name, at in before.items() if "project_config" not in name
    }
    for stage in ("has_files", "has_helper"):
        assert f"{stage}: kept, for such reasons were left out, has not seen: module code" in said
    assert "has not seen: source file changed: file" in said

    made, reasons, said = calls(film, "--rerun-triggers", "code")
    assert made == stages(expected("code"))
    assert reasons == expected("code")
    assert "has_params: kept, for such reasons were left out, has not seen: params changed" in said

    ask = ["--directory", str(film.folder), "--json", "--rerun-triggers", "params"]
    planned = json.loads(film.cineforge("plan", "made", *ask, status=1))
    assert {
        each["instance"]: [reason["kind"] for reason in each.get("reasons", ())]
        for stage in planned["stages"]
        for each in stage["build"]
    } == expected("params")

    made, reasons, _ = calls(film, "--rerun-triggers", "input")
    assert made == stages(expected("input"))
    # What waits for others is told without reasons, and may turn out to be kept.
    certain = {name: kinds for name, kinds in reasons.items() if kinds}
    assert certain.items() <= expected("input").items()

    made, reasons, _ = calls(film)
    assert made == stages(expected("params"))
    assert reasons == expected("params")
    assert "Nothing to be done" in film.snakemake()
