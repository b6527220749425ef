"""Files edited while a job runs: what is published was made by what its record says, or is not published."""

from __future__ import annotations

import json

import pytest

from .conftest import Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

#: Does to its own project what `edit.json` says, as a person might at that moment; then reads all that it is made of.
CODE = """
import json
VERSION = 1
PROJECT = Path(__file__).resolve().parents[3]


def run_module(inputs, params, project_config, context):
    plan = PROJECT / "edit.json"
    if plan.exists():
        for file, old, new in json.loads(plan.read_text()):
            path = PROJECT / file
            before = path.stat()
            path.write_text(path.read_text().replace(old, new))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        plan.unlink()
    from .near import VERSION as near
    from .shared.tool import VERSION as tool
    read = [Path(__file__).with_name("table.txt").read_text(), context.source("file").read_text()]
    read.append(params["tone"])
    return ModuleResult(outputs={"note": Output(data=[VERSION, near, tool, *read])})
"""
HOME = "modules/notes/note_v1"
SCHEMA = "schemas/artifacts/note.schema.json"


@pytest.fixture
def film(project: Project) -> Project:
    source = {"file": {"type": "string", "format": "source-file"}, "tone": {"type": "integer"}}
    manifest = {
        "stage": "notes",
        "outputs": [{"type": "note"}],
        "parameters": {"type": "object", "properties": source},
        "helpers": ["tool.py"],
    }
    home = write_module(project.folder, "note_v1", manifest, CODE)
    (home / "near.py").write_text("VERSION = 1\n")
    (home / "table.txt").write_text("1")
    shared = project.folder / "modules" / "shared"
    shared.mkdir()
    (shared / "tool.py").write_text("VERSION = 1\n")
    (project.folder / "story.txt").write_text("1")
    (project.folder / SCHEMA).write_text('{"maxItems": 6}')
    params = {"file": "story.txt", "tone": 1}
    write_recipe(project.folder, [{"id": "note", "module": "note_v1", "params": params}])
    return project


def midway(film: Project, *edits: tuple[str, str, str]) -> None:
    (film.folder / "edit.json").write_text(json.dumps(edits))


def test_code_schema_and_recipe_are_those_of_the_plan_whatever_is_edited(film: Project) -> None:
    midway(
        film,
        (f"{HOME}/main.py", "VERSION = 1", "VERSION = 2"),
        (f"{HOME}/near.py", "1", "2"),
        ("modules/shared/tool.py", "1", "2"),
        (f"{HOME}/module.yaml", "Made up", "Made UP"),
        (SCHEMA, "6", "5"),
        ("recipes/made.yaml", "tone: 1", "tone: 2"),
    )
    film.snakemake()
    assert film.load("note") == [1, 1, 1, "1", "1", 1]
    assert "does not fit 'maxItems'" in film.snakemake(status=1), "the next run has all of it"
    (film.folder / SCHEMA).write_text('{"maxItems": 6}')
    film.snakemake()
    assert film.load("note") == [2, 2, 2, "1", "1", 2]


@pytest.mark.parametrize("file", [f"{HOME}/table.txt", "story.txt"])
def test_what_a_module_reads_for_itself_must_not_change_meanwhile(film: Project, file: str) -> None:
    midway(film, (file, "1", "2"), (file, "2", "1"))
    said = film.snakemake(status=1)
    assert said.count(f"{file} was changed while the run was on: run the same command again") == 1
    assert not film.versions().get("note/_")
    kept = list(film.folder.glob("runs/*/unpublished/note/_/data.json"))
    assert [json.loads(each.read_text())[:3] for each in kept] == [[1, 1, 1]]
    assert str(kept[0].parents[2].relative_to(film.folder)) in said
    film.snakemake()
    assert film.load("note") == [1, 1, 1, "1", "1", 1]
    midway(film, (file, "1", "2"))
    film.snakemake("-F", status=1)
    film.snakemake()
    assert sorted(film.load("note")[3:5]) == ["1", "2"]
    assert film.versions()["note/_"] == [1, 2]
