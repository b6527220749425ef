"""A process reads a recipe once, and resolves it once: what it runs is what it checked."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from .conftest import BIN, Project

pytestmark = pytest.mark.e2e

#: Notes each opening of a file that says what is to be run, in whatever process. A certificate takes the digest of each
#: file besides: nothing runs of what it reads.
WATCH = """
import os, sys

NAMES = ("echo.yaml", "module.yaml", "config.yaml")
NOTES = os.open({notes!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].endswith(NAMES):
        frame = sys._getframe()
        while frame is not None and "/bridge/certificate/" not in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is not None:
            return
        os.write(NOTES, f"{{os.getpid()}} {{arguments[0]}}\\n".encode())

sys.addaudithook(watch)
"""


@pytest.mark.parametrize(
    "words",
    [
        ("snakemake", "-c1", "--directory"),
        ("snakemake", "-n", "--directory"),
        ("cineforge", "run", "echo", "-c1", "--directory"),
        ("cineforge", "plan", "echo", "--directory"),
    ],
    ids=" ".join,
)
def test_each_process_reads_recipe_manifests_and_configuration_once(
    echo: Project, tmp_path: Path, words: tuple[str, ...]
) -> None:
    notes = tmp_path / "notes"
    (tmp_path / "sitecustomize.py").write_text(WATCH.format(notes=str(notes)))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [str(BIN / words[0]), *words[1:], str(echo.folder)]
    done = subprocess.run(command, capture_output=True, env=environment, cwd=echo.folder)
    assert done.returncode in (0, 1), done.stderr  # a plan with something to do ends with 1
    read = Counter(notes.read_text().splitlines())
    assert any(line.endswith("echo.yaml") for line in read), "the recipe was read at all"
    assert {line: count for line, count in read.items() if count > 1} == {}
