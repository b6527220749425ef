"""Links that somebody planted where runs, plans and their records are written: nothing outside is touched."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from . import warm
from .conftest import ROOT, Project, copy_project, made_once
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

SPLIT = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"word": {word: Output(data=word) for word in params["words"]}})
"""
#: Does as `plant.json` says before it goes on: names of places, and where links in their place lead.
SHOUT = """
import json, shutil

def run_module(inputs, params, project_config, context):
    project = Path(%r)
    try:
        plants = json.loads((project / "plant.json").read_text())
        (project / "plant.json").unlink()
    except FileNotFoundError:
        plants = {}
    for place, target in plants.items():
        for path in project.glob(place) if "*" in place else [project / place]:
            if path.is_dir():
                path.rename(project / "aside")
            path.unlink(missing_ok=True)
            path.symlink_to(target)
    context.record_cost(model="m", estimated_cost_usd=0.5)
    return ModuleResult(outputs={"shout": Output(data=inputs["word"].data.upper())})
"""
TOKEN = "0123456789abcdef"


def write_film(film: Project, words: str) -> None:
    params = {"type": "object", "properties": {"words": {"type": "array"}}}
    split = {
        "stage": "split",
        "pure": True,
        "outputs": [{"type": "word", "many": True}],
        "parameters": params,
    }
    write_module(film.folder, "split_v1", split, SPLIT)
    shout = {
        "stage": "shout",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "shout"}],
    }
    write_module(film.folder, "shout_v1", shout, SHOUT % str(film.folder))
    write_recipe(
        film.folder,
        [
            {"id": "split", "module": "split_v1", "params": {"words": words.split()}},
            {"id": "shout", "module": "shout_v1", "needs": ["split"], "for_each": "word"},
        ],
    )


def make(film: Project) -> None:
    """Run once, by a run that never came to its end; a further word is split by a plan already."""
    write_film(film, "ant bee")
    directory = ("--directory", str(film.folder))
    film.cineforge("run", "made", "-c1", "--run-id", "dead", *directory)
    events = film.folder / "runs" / "dead" / "pipeline_events.jsonl"
    events.write_text("".join(events.read_text().splitlines(keepends=True)[:-1]))
    (events.parent / "live").touch()
    write_film(film, "ant bee cat")
    film.cineforge("plan", "made", *directory, status=1)


@pytest.fixture
def film(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Project:
    film = copy_project(made_once(tmp_path_factory, "planted", make), tmp_path / "film")
    write_film(film, "ant bee cat")  # the module knows where its project is
    return film


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    (folder / "folder" / "below").mkdir(parents=True)
    for name in ("file", "folder/data.json", "folder/below/file"):
        (folder / name).write_text("a person's own")
        (folder / name).chmod(0o664)
    return folder


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path): (
            stat.S_IMODE(path.lstat().st_mode),
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    }


def plant(path: Path, target: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def ask(*words: str, film: Project) -> tuple[int, str]:
    done = warm.run(*words, "--directory", str(film.folder), cwd=ROOT, stderr=-2)
    assert "Traceback" not in done.stdout, done.stdout
    return done.returncode, done.stdout


COMMANDS = (
    ("cineforge", "run", "made", "-c1", "--run-id", "given"),
    ("snakemake", "-c1", "--snakefile", str(ROOT / "Snakefile")),
    ("cineforge", "plan", "made"),
    ("cineforge", "runs"),
    ("cineforge", "status"),
)
WRITERS = COMMANDS[:3]
LEADS = {"file": "file", "nothing": "not-there"}
FOLDERS = (
    "runs",
    "runs/dead",
    ".cineforge",
    ".cineforge/compiled",
    ".cineforge/probes",
    ".cineforge/report",
    "artifacts/.live",
    "artifacts/.live/owners",
    "artifacts/.live/claims",
    "artifacts/.live/scratch",
    "artifacts/.live/reserved",
    ".cineforge/links.owed",
    "artifacts/.live/stamp",
)


@pytest.mark.parametrize("place", FOLDERS)
def test_a_link_right_below_a_folder_of_ours_is_named_and_not_gone_through(
    film: Project, outside: Path, place: str
) -> None:
    before = snapshot(outside)
    for target, commands in (("folder", COMMANDS), ("not-there", WRITERS[:1])):
        plant(film.folder / place, outside / target)
        for command in commands:
            status, said = ask(*command, film=film)
            assert place in said or command not in WRITERS, f"{command} to {target}: {said}"
            assert status or command not in WRITERS, said
            assert snapshot(outside) == before, command


@pytest.mark.parametrize("place", [".cineforge/probes", "artifacts/.live/scratch"])
def test_nor_may_it_lead_to_another_folder_of_the_project(film: Project, place: str) -> None:
    before = film.published()
    plant(film.folder / place, film.folder / "artifacts" / "word")
    for command in WRITERS:
        status, said = ask(*command, film=film)
        assert status and place in said, said
    assert film.published() == before


#: All at once, as no command may stop at one of them.
FILES = (
    "runs/dead/run_state.json.new",
    "runs/dead/run_state.json",
    "runs/dead/plan.json.new",
    "runs/dead/plan.json",
    ".cineforge/compiled/made.smk",
    f".cineforge/probes/{'0' * 64}",
    f".cineforge/probes/.{'0' * 64}.1",
    f".cineforge/probes/.work-{TOKEN}",
    "artifacts/.live/claims/given",
    "artifacts/.live/claims/other",
    "artifacts/.live/reserved/other",
    f"artifacts/.live/owners/{TOKEN}",
    f"artifacts/.live/owners/{TOKEN}.batch",
    f"artifacts/.live/scratch/{TOKEN}",
    "artifacts/.project",
)


@pytest.mark.parametrize("leads_to", LEADS)
def test_links_in_the_place_of_files_are_replaced_or_passed_over(
    film: Project, outside: Path, leads_to: str
) -> None:
    before = snapshot(outside)
    for place in FILES:
        plant(film.folder / place, outside / LEADS[leads_to])
    for kept in (film.folder / ".cineforge" / "probes").glob("?" * 64):
        if not kept.is_symlink():
            plant(kept / "report.json", outside / LEADS[leads_to])
    heard = ""
    for command in (COMMANDS[2], COMMANDS[0], *COMMANDS[1:]):
        _, said = ask(*command, film=film)
        heard += f"{command}: {said}"
        assert snapshot(outside) == before, heard
    assert "shout/cat" in film.versions(), heard
    assert "everything is up to date" in ask(*COMMANDS[2], film=film)[1]


RUN = "runs/given"
MIDWAY = {
    "its own records": [
        f"{RUN}/{name}"
        for name in ("run_state.json", "run_state.json.new", "plan.json", "plan.json.new", "live")
    ],
    "the events": [f"{RUN}/pipeline_events.jsonl"],
    "a job's log and what it paid": [
        f"{RUN}/logs/shout.cat.log",
        f"{RUN}/logs/shout.cat.1.costs.jsonl",
    ],
    "claims and numbers": [
        "artifacts/.live/claims/given",
        "artifacts/.live/claims/.lock",
        "artifacts/.live/reserved/given",
    ],
}
MIDWAY_FOLDERS = (
    RUN,
    f"{RUN}/logs",
    "runs",
    "artifacts/.live/scratch/*",
    "artifacts/.live/owners",
    ".cineforge/compiled",
)


@pytest.mark.parametrize(
    ("places", "leads_to"),
    [
        *((MIDWAY[name], LEADS[to]) for name in MIDWAY for to in LEADS),
        *(([place], "folder") for place in MIDWAY_FOLDERS),
    ],
    ids=[*(f"{name}, to {to}" for name in MIDWAY for to in LEADS), *MIDWAY_FOLDERS],
)
def test_what_is_planted_while_a_run_is_on_leads_nothing_out(
    film: Project, outside: Path, places: list[str], leads_to: str
) -> None:
    shutil.rmtree(film.folder / "artifacts" / "shout")
    plants = {place: str(outside / leads_to) for place in places}
    (film.folder / "plant.json").write_text(json.dumps(plants))
    before = snapshot(outside)
    _, said = ask(*COMMANDS[0], film=film)
    assert not (film.folder / "plant.json").exists(), said
    assert snapshot(outside) == before, said
    _, said = ask(*COMMANDS[3], film=film)
    assert snapshot(outside) == before, said
