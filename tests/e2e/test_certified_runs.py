"""A command that finds nothing to do leaves a certificate, by which the next ones know that without deciding."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from .conftest import BIN, ROOT, Project

pytestmark = pytest.mark.e2e

#: Notes, when a process ends, which modules it has loaded.
NOTE_MODULES = """
import atexit, json, sys

atexit.register(lambda: open({notes!r}, "w").write(json.dumps(sorted(sys.modules))))
"""
NOTHING = "Nothing to be done"


def loaded(project: Project, notes: Path, program: str, *words: str) -> tuple[str, set[str]]:
    """What a cold command says, and which modules of ours it loads."""
    (notes / "sitecustomize.py").write_text(NOTE_MODULES.format(notes=str(notes / "loaded")))
    done = subprocess.run(
        [str(BIN / program), *words],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(notes)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    )
    names = json.loads((notes / "loaded").read_text())
    return done.stdout, {name for name in names if name.startswith("cineforge.")}


def test_a_certified_command_decides_nothing_until_a_person_says_something(
    done_echo: Project, tmp_path: Path
) -> None:
    echo = done_echo
    assert NOTHING in echo.snakemake()
    for words in ((), ("-n",), ("all_echo_all",)):
        snakefile = ("--snakefile", str(ROOT / "Snakefile"), "-c1")
        said, names = loaded(echo, tmp_path, "snakemake", *snakefile, *words)
        assert NOTHING in said
        assert "cineforge.bridge.certificate.certificate" in names
        for needless in ("deciding.decide", "recipes.load", "store.store", "bridge.session"):
            assert f"cineforge.{needless}" not in names, words
    said, names = loaded(echo, tmp_path, "cineforge", "plan", "echo")
    assert said == "everything is up to date\n"
    assert "cineforge.store.store" not in names
    # What else is asked is answered as ever.
    assert "echo_mirror" in echo.cineforge(
        "plan", "echo", "--force", "--directory", str(echo.folder), status=1
    )
    assert "echo_mirror: forced" in echo.snakemake("-n", "--forcerun", "echo_mirror")
    assert NOTHING in echo.snakemake("current/echo_copy/a.json")
    assert "makes no 'all_nothing'" in echo.snakemake("all_nothing", status=1)
    echo.cineforge("revise", "echo_copy/a", "--why", "again", "--directory", str(echo.folder))
    assert "echo_copy/a" in echo.snakemake("-n")
