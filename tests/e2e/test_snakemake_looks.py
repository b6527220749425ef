"""Snakemake's own pictures and its report: what they show of a project, and what is said where they mislead."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from .conftest import Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

PICTURES = ("--dag", "--rulegraph", "--filegraph")


def said(project: Project, option: str) -> tuple[str, str]:
    """What such a command printed, and the line of ours that it ended with, if any."""
    out = project.snakemake(option)
    lines = [line for line in out.splitlines() if "all there is" in line]
    return out, lines[-1] if lines else ""


def report_of(project: Project, *words: str) -> dict[str, Any]:
    """The data of a report, by the name of each part."""
    target = project.folder.parent / "report.html"
    project.snakemake("--report", str(target), *words)
    text = target.read_text(encoding="utf-8")
    found = {}
    for part in ("results", "categories", "runtimes", "timeline"):
        begin = re.search(rf'<script id="{part}">\s*var \w+ = ', text)
        assert begin is not None, part
        found[part] = json.JSONDecoder().raw_decode(text[begin.end() :])[0]
    return found


def test_pictures_of_work_name_the_command_that_shows_the_whole_when_there_is_none(
    done_bob: Project,
) -> None:
    for option in PICTURES:
        out, line = said(done_bob, option)
        assert "digraph" in out
        assert f"{option} shows work to be done: 'cineforge graph' shows all there is" in line
    _, line = said(done_bob, "--summary")
    assert "'cineforge status' shows all there is" in line


def test_pictures_of_work_show_it_and_say_nothing_of_the_kind(bob: Project) -> None:
    for option in (*PICTURES, "--summary"):
        out, line = said(bob, option)
        assert "ingest" in out
        assert line == ""
    assert not (bob.folder / "runs").exists()


def test_a_report_holds_the_jobs_with_their_times_and_the_pages(done_bob: Project) -> None:
    before = done_bob.published()
    report = report_of(done_bob)
    jobs = [each["rule"] for each in report["runtimes"]["data"]["values"]]
    versions = done_bob.versions()
    for stage in ("ingest", "breakdown", "strip_board", "board_page"):
        assert jobs.count(stage) == 1
    assert jobs.count("scene_report") == sum(name.startswith("scene_report/") for name in versions)
    times = [each["runtime"] for each in report["runtimes"]["data"]["values"]]
    # A job ends for Snakemake with the time of its file, which the system takes some milliseconds ago.
    assert max(times) > 0 and min(times) > -0.1
    assert len(report["timeline"]["data"]["values"]) == len(jobs)
    assert set(report["categories"]) == {"board_page", "breakdown_sheets"}
    (board,) = [
        each
        for each in report["results"].values()
        if each["job_properties"] and each["labels"]["artifact"] == "board_page@1"
    ]
    assert board["mime_type"] == "text/html"
    assert "Strip board, schedule" in board["caption"]
    assert done_bob.published() == before


def test_a_report_is_of_what_is_there_also_while_there_is_work_to_do(done_bob: Project) -> None:
    story = next(done_bob.folder.glob("*.fountain"))
    story.write_text(story.read_text("utf-8") + "\n\nINT. NOWHERE - DAY\n\nNobody.\n", "utf-8")
    report = report_of(done_bob)
    assert "board_page" in report["categories"]
    assert [each["rule"] for each in report["runtimes"]["data"]["values"]].count("ingest") == 1


def test_a_report_of_one_stage(done_bob: Project) -> None:
    report = report_of(done_bob, "all_breakdown_sheets")
    assert set(report["categories"]) == {"breakdown_sheets"}


def test_without_snakemakes_memory_the_report_says_that_it_holds_no_jobs(
    done_bob: Project,
) -> None:
    shutil.rmtree(done_bob.folder / ".snakemake")
    out = done_bob.snakemake("--report", str(done_bob.folder.parent / "report.html"))
    assert "Snakemake remembers no job of this project" in out
    assert "Traceback" not in out


def test_a_caption_and_the_names_of_files_are_text(project: Project) -> None:
    code = """
def run_module(inputs, params, project_config, context):
    files = tuple(context.attach(name, b"<script>") for name in ("a {b}.txt", "<i>.html", "o'k & \'.html"))
    return ModuleResult(outputs={"page": Output(data={}, files=files)})
"""
    project.folder.mkdir()
    write_module(project.folder, "page_v1", {"stage": "page", "outputs": [{"type": "page"}]}, code)
    caption = "{{ 1 / 0 }} {% raw %} </script><b>bold</b>\n.. raw:: html\n\n   <script>alert(1)</script> *x* `y`_"
    write_recipe(project.folder, [{"id": "page", "module": "page_v1", "report": caption}])
    project.snakemake()
    target = project.folder.parent / "report.html"
    out = project.snakemake("--report", str(target))
    assert "a {b}.txt is left out of the report" in out
    assert "<i>.html is left out of the report" in out
    ((_, shown),) = report_of(project)["results"].items()
    assert shown["name"] == "o'k & '.html"
    assert "<script>" not in shown["caption"]
    assert "{{ 1 / 0 }} {% raw %}" in re.sub(r"\s+", " ", shown["caption"])
    assert "<b>" not in shown["caption"]


def test_a_caption_is_no_part_of_what_is_made(done_bob: Project) -> None:
    """Reports are for looking at: no version is made anew for one."""
    recipe = Path(__file__).resolve().parents[2] / "recipes" / "screenplay.yaml"
    mine = done_bob.folder / "recipes" / "screenplay.yaml"
    mine.parent.mkdir(exist_ok=True)
    text = recipe.read_text("utf-8")
    assert "    report: A breakdown sheet of every scene.\n" in text
    mine.write_text(text.replace("A breakdown sheet of every scene.", "Sheets."), "utf-8")
    assert "all there is" in said(done_bob, "--dag")[1]
