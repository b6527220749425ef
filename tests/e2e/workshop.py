"""Modules and recipes made up by tests, in a project's own folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

ANYTHING = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def write_module(folder: Path, module_id: str, manifest: dict[str, Any], code: str) -> Path:
    """Write a module into a project's `modules/`, with a schema that takes anything for each output."""
    stage: str = manifest["stage"]
    home = folder / "modules" / stage / module_id
    home.mkdir(parents=True, exist_ok=True)
    full = {"module_id": module_id, "description": "Made up by a test.", **manifest}
    (home / "module.yaml").write_text(yaml.safe_dump(full, sort_keys=False), encoding="utf-8")
    (home / "main.py").write_text(PRELUDE + code, encoding="utf-8")
    schemas = folder / "schemas" / "artifacts"
    schemas.mkdir(parents=True, exist_ok=True)
    for output in full["outputs"]:
        schema = schemas / f"{output.get('schema', output['type'])}.schema.json"
        if not schema.exists():
            schema.write_text(json.dumps(ANYTHING), encoding="utf-8")
    return home


def write_recipe(folder: Path, stages: list[dict[str, Any]], **more: Any) -> Path:
    """Write the recipe `made` into a project, and a config.yaml that names it."""
    folder.mkdir(parents=True, exist_ok=True)
    home = folder / "recipes"
    home.mkdir(exist_ok=True)
    recipe = {"recipe_id": "made", "description": "Made up by a test.", **more, "stages": stages}
    path = home / "made.yaml"
    path.write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")
    config = folder / "config.yaml"
    if not config.exists():
        config.write_text("recipe: made\n", encoding="utf-8")
    return path


PRELUDE = """\
import os, signal, sys, time
from pathlib import Path

from cineforge import ModuleResult, Output

"""

#: Emits the payload `{"text": params["text"]}` as `note`.
NOTE = {
    "stage": "write_note",
    "outputs": [{"type": "note"}],
    "parameters": {
        "type": "object",
        "properties": {"text": {"type": "string", "default": "hello"}},
    },
}
NOTE_CODE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"note": Output(data={"text": params["text"]})})
"""
