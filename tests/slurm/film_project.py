"""A project of the screenplay recipe whose modules tell where they ran: the shipped code, each in a thin wrapper."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from samples.make_screenplay import make_screenplay
from tests.slurm.runs import BIN, ROOT

MODULES = ROOT / "workflow" / "modules"
TOLD = Path(__file__).with_name("told.py")


def make_film_project(folder: Path, scenes: int) -> None:
    """`cineforge init` of the recipe `film`: screenplay.yaml with told modules, and a made screenplay."""
    recipe = (ROOT / "recipes" / "screenplay.yaml").read_text(encoding="utf-8")
    for module_id in re.findall(r"module: (\w+)", recipe):
        _told_module(folder, module_id)
    shutil.copytree(MODULES / "shared", folder / "modules" / "shared")
    recipe = recipe.replace("recipe_id: screenplay", "recipe_id: film")
    recipe = re.sub(r"module: (\w+)", r"module: told_\1", recipe)
    (folder / "recipes").mkdir()
    (folder / "recipes" / "film.yaml").write_text(recipe, encoding="utf-8")
    story = folder / "long.fountain"
    story.write_text(make_screenplay(scenes, seed=1), encoding="utf-8")
    command: list[str | Path] = [
        BIN / "cineforge",
        "init",
        folder,
        "--recipe",
        "film",
        "--story",
        story,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _told_module(folder: Path, module_id: str) -> None:
    (shipped,) = MODULES.glob(f"*/{module_id}")
    home = folder / "modules" / shipped.parent.name / f"told_{module_id}"
    shutil.copytree(shipped, home, ignore=shutil.ignore_patterns("__pycache__"))
    (home / "main.py").rename(home / "work.py")
    shutil.copyfile(TOLD, home / "main.py")
    manifest = home / "module.yaml"
    text = manifest.read_text(encoding="utf-8")
    text = text.replace(f"module_id: {module_id}", f"module_id: told_{module_id}")
    manifest.write_text(text, encoding="utf-8")
