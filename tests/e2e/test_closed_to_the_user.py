"""What the system closes to who types a command: told in one go, or gone without."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.recipes.workshop import Workshop

from .conftest import BIN, ROOT, Project

pytestmark = pytest.mark.e2e

#: To root modes mean nothing: so root gives its rights up.
WITHOUT_RIGHTS = () if os.getuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
NAMELESS = ("unshare", "--user", "--map-user=54321", "env", "-u", "USER", "-u", "LOGNAME")


def typed(before: tuple[str, ...], *command: str) -> subprocess.CompletedProcess[str]:
    if before and subprocess.run([*before, "true"], check=False, capture_output=True).returncode:
        pytest.skip(f"{before[0]} is not permitted here")
    return subprocess.run(
        [*before, str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def test_every_file_that_may_not_be_read_is_named_in_one_go(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    drafts = shop.module("writing", "draft_v1", outputs=[{"type": "draft"}])
    copies = shop.module(
        "copying", "copy_v1", inputs={"draft": {"type": "draft"}}, outputs=[{"type": "copied"}]
    )
    shop.module("telling", "tell_v1", outputs=[{"type": "tale"}])
    shop.recipe(
        "recipe_id: book\nstages:\n  - {id: draft, module: draft_v1}\n"
        "  - {id: copied, module: copy_v1, needs: [draft]}\n  - {id: tale, module: tell_v1}\n"
        "  - {id: bound, module: bind_v1}\n"
    )
    (tmp_path / "config.yaml").write_text("recipe: recipe.yaml\n", encoding="utf-8")
    closed = [drafts / "main.py", copies / "main.py", shop.schema_file("tale")]
    for file in closed:
        file.chmod(0)
    place = ("--directory", str(tmp_path))
    snakemake = ("snakemake", "-n", "--snakefile", str(ROOT / "Snakefile"), *place)
    for command in (("cineforge", "status", *place), snakemake):
        done = typed(WITHOUT_RIGHTS, *command)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stdout
        assert "there is no module 'bind_v1'" in done.stdout, "they hide no other mistake"
        for file in closed:
            said = f"{file}: cannot be read: Permission denied\n    look at its permissions"
            assert said in done.stdout, done.stdout


def test_who_has_no_name_in_the_system_can_run(echo: Project) -> None:
    command = ("-n", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(echo.folder))
    done = typed(NAMELESS, "snakemake", *command)
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in done.stdout
