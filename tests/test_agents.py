"""What AGENTS.md says of the house is so: its table is the folder tree, its walks are what is called."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from cineforge.deciding.instance import Instance
from tests.bridge.conftest import film
from tests.bridge.film import CAST, Film

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "AGENTS.md").read_text(encoding="utf-8")
#: The most stops that a newcomer's walk may have.
LONGEST = 10
STOP = re.compile(r"^\d+\. `([\w/]+\.py):([\w.]+)`", re.MULTILINE)
#: The same of the way that a batch takes, which is told in a sentence.
STOP_OF_BATCH = re.compile(r"(?<!\. )`([\w/]+\.py):([\w.]+)`")
__all__ = ["film"]


def rows() -> Iterator[tuple[str, str]]:
    """The folders of the table, and what it says that they hold."""
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[1].startswith("`cineforge/"):
            yield cells[1].strip("`/"), cells[2]


def walks() -> dict[str, list[tuple[str, str]]]:
    """The stops of each walk, by its heading: file and function."""
    part = TEXT.split("## Two walks")[1].split("\n## ")[0]
    return {section.splitlines()[0]: STOP.findall(section) for section in part.split("\n### ")[1:]}


WALKS = walks()


def test_the_table_of_floors_is_the_folder_tree() -> None:
    packages = {
        str(init.parent.relative_to(ROOT)) for init in ROOT.glob("cineforge/**/__init__.py")
    }
    listed = [folder for folder, _ in rows()]
    assert sorted(listed) == sorted(packages - {"cineforge"})


@pytest.mark.parametrize(("folder", "holds"), list(rows()), ids=lambda value: value.split(" ")[0])
def test_the_files_that_the_table_names_are_in_their_folders(folder: str, holds: str) -> None:
    named = re.findall(r"`([\w/]+\.py)`", holds)
    missing = [
        name
        for name in named
        if not (ROOT / folder / name).is_file() and not (ROOT / name).is_file()
    ]
    assert missing == []


def test_there_are_two_walks() -> None:
    assert len(WALKS) == 2


@pytest.mark.parametrize("heading", WALKS)
def test_a_walk_leads_through_functions_that_exist_each_once(heading: str) -> None:
    stops = WALKS[heading]
    assert 1 < len(stops) <= LONGEST
    assert len(set(stops)) == len(stops), "no stop twice"
    for file, function in stops:
        tree = ast.parse((ROOT / "cineforge" / file).read_text(encoding="utf-8"))
        assert function in {name for name, _ in defined(tree)}, f"{file} has no {function}"


def defined(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield prefix + node.name, node
            yield from defined(node, f"{prefix}{node.name}.")


@contextmanager
def calls() -> Iterator[list[tuple[str, str]]]:
    """The functions of the program that are called, in order."""
    found: list[tuple[str, str]] = []
    home = str(ROOT / "cineforge") + "/"

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(home):
            file = frame.f_code.co_filename.removeprefix(home)
            found.append((file, frame.f_code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)


def test_a_batch_takes_the_way_that_is_told_of_it(film: Film) -> None:
    told = TEXT.split("does a batch of instances,")[1].split("\n## ")[0]
    film.write(names="ann bob", batch=2, free=True)
    run = film.run("monday")
    run.targets("cast")
    run.do(CAST)
    decision, payload = WALKS
    with calls() as deciding:
        run.targets("greet")
    for stop in WALKS[decision][2:]:
        assert stop in deciding
    with calls() as publishing:
        run.do(Instance("greet", "ann"))
    called = iter(publishing)
    assert all(stop in called for stop in STOP_OF_BATCH.findall(told)), "in this order"
    assert {*WALKS[payload][:4], *WALKS[payload][8:]} - {*publishing} == {
        ("running/workers/worker.py", "call_module")
    }


def test_the_walks_are_what_is_called(film: Film) -> None:
    run = film.run("monday")
    decision, payload = WALKS
    with calls() as deciding:
        run.session.rule_inputs.job_inputs(CAST, 1)  # the entry before it is what Snakemake calls
    called = iter(deciding)
    assert all(stop in called for stop in WALKS[decision][1:]), "in this order"
    with calls() as publishing:
        run.session.jobs.run(CAST, 1, 1)
    assert set(WALKS[payload]) <= set(publishing)
