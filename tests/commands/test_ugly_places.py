"""Ugly situations and every command: one message, a status, and never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge.commands.main import main

from .conftest import Film

COMMANDS = (
    ("status",),
    ("why", "board"),
    ("history", "tale"),
    ("show", "tale"),
    ("diff", "tale@1", "tale"),
    ("lineage", "board"),
    ("at", "2030-01-01"),
    ("runs",),
    ("costs",),
    ("plan", "echo"),
    ("verify",),
    ("hold", "tale"),
    ("release", "tale"),
    ("put", "tale", "../mine.json"),
    ("reindex",),
)


def a_file(name: str) -> Callable[[Path], None]:
    def put(project: Path) -> None:
        place = project / name
        if place.is_dir():
            shutil.rmtree(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_text("no folder")

    return put


def of_the_index(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def put(project: Path) -> None:
        shutil.rmtree(project / ".cineforge", ignore_errors=True)
        (project / ".cineforge").mkdir()
        make(project / ".cineforge" / "index.sqlite")

    return put


def big_number(project: Path) -> None:
    (project / "config.yaml").write_text(f"recipe: echo\nn: {'9' * 5000}\n")


SITUATIONS: dict[str, Callable[[Path], None]] = {
    "a file for runs": a_file("runs"),
    "a file for artifacts": a_file("artifacts"),
    "a file for a type": a_file("artifacts/tale"),
    "a file for .live": a_file("artifacts/.live"),
    "a file for .cineforge": a_file(".cineforge"),
    "a file for current": a_file("current"),
    "a file for schemas": a_file("schemas"),
    "the index is noise": of_the_index(lambda path: path.write_bytes(b"noise" * 999)),
    "the index is a pipe": of_the_index(os.mkfifo),
    "the index is a folder": of_the_index(Path.mkdir),
    "a number of 5,000 digits": big_number,
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_situation_gives_a_traceback(film: Film, situation: str) -> None:
    film.file('{"draft": 2}')
    SITUATIONS[situation](film.folder)
    for words in COMMANDS:
        said = film.ask(*words)
        assert said.status in (0, 1, 2), words
        assert "Traceback" not in said.out + said.err, words
        assert said.status == 0 or said.out or said.err, words
        assert len(said.err.splitlines()) <= 5, (words, said.err)


@pytest.mark.parametrize(("what", "make"), [("a pipe", os.mkfifo), ("a folder", Path.mkdir)])
def test_what_stands_in_the_place_of_the_index_is_named_at_once(
    film: Film, what: str, make: Callable[[Path], object]
) -> None:
    of_the_index(make)(film.folder)
    index = film.folder / ".cineforge" / "index.sqlite"
    said = film.ask("status")
    assert said.status == 1
    assert said.err == f"cineforge: {index} is {what}: remove it, and the index is made again\n"
    index.rmdir() if index.is_dir() else index.unlink()
    assert film.ask("status").status == 0


def test_a_limit_of_file_sizes_is_told_as_that(film: Film) -> None:
    shutil.rmtree(film.folder / ".cineforge")
    command = f"{Path(sys.executable).parent}/cineforge status --directory '{film.folder}'"
    said = subprocess.run(
        ["sh", "-c", f"ulimit -f 1; {command}"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 1
    assert said.stderr.endswith(
        "a file may not become that large here: raise the limit (ulimit -f), then do it again\n"
    )
    assert len(said.stderr.splitlines()) == 1
    assert film.ask("status").status == 0


def test_a_path_that_is_not_utf_8_is_told_before_anything_is_written(
    film: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    """Workers are told in JSON where they work."""
    folder = film.folder.parent / os.fsdecode(b"fi\xfflm")
    told = f"the project's path '{film.folder.parent}/fi\\xfflm' is not UTF-8: rename the folder"
    assert main(["init", str(folder), "--recipe", "echo"]) == 1
    assert capsys.readouterr().err == f"cineforge: {told}\n"
    assert not folder.exists()
    film.folder.rename(folder)
    for word in ("run", "plan"):
        assert main([word, "echo", "--directory", str(folder)]) != 0
        assert capsys.readouterr().err == f"cineforge: {told}\n"
