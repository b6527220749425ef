"""A small project of its own for recipe tests: a few modules that write, split, polish and bind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from cineforge.model.errors import Problem, ProblemsFound
from cineforge.recipes.load import load_recipe
from cineforge.recipes.resolved import ResolvedInput, ResolvedRecipe

MAIN = "def run_module(inputs, params, project_config, context):\n    raise NotImplementedError\n"


@dataclass
class Workshop:
    """A project folder with helpers to fill it and to load recipes in it."""

    root: Path

    def module(self, stage: str, module_id: str, *, main: str = MAIN, **manifest: Any) -> Path:
        """Write a module; every output type gets a schema that allows anything, unless there is one."""
        content = {"module_id": module_id, "stage": stage, **manifest}
        for output in manifest["outputs"]:
            name = output.get("schema", output["type"])
            if not self.schema_file(name).exists():
                self.schema(name, {})
        return self.module_text(stage, module_id, yaml.safe_dump(content, sort_keys=False), main)

    def module_text(
        self, stage: str, module_id: str, manifest: str, main: str | None = MAIN
    ) -> Path:
        folder = self.root / "modules" / stage / module_id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "module.yaml").write_text(manifest, encoding="utf-8")
        if main is not None:
            (folder / "main.py").write_text(main, encoding="utf-8")
        return folder

    def schema_file(self, name: str) -> Path:
        return self.root / "schemas" / "artifacts" / f"{name}.schema.json"

    def schema(self, name: str, content: Mapping[str, Any]) -> None:
        file = self.schema_file(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content), encoding="utf-8")

    def recipe(self, text: str) -> Path:
        file = self.root / "recipe.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    def load(self, text: str, **variables: Any) -> ResolvedRecipe:
        return load_recipe(self.recipe(text), project=self.root, variables=variables)

    def problems(self, text: str, **variables: Any) -> list[Problem]:
        """The mistakes that loading a recipe reports."""
        with pytest.raises(ProblemsFound) as caught:
            self.load(text, **variables)
        return list(caught.value.problems)

    def problem(self, text: str, **variables: Any) -> Problem:
        """The one mistake that loading a recipe reports."""
        problems = self.problems(text, **variables)
        assert len(problems) == 1, "\n".join(map(str, problems))
        return problems[0]

    def stage_input(self, text: str, stage: str, name: str) -> ResolvedInput:
        inputs = self.load(text).stages[stage].inputs
        return next(item for item in inputs if item.name == name)


#: A recipe without mistakes, to be varied.
BOOK = """\
recipe_id: book
description: From a draft to a book.
stages:
  - {id: draft, module: draft_v1}
  - {id: split, module: split_v1, needs: [draft]}
  - {id: polish, module: polish_v1, needs: [split], for_each: piece}
  - {id: bind, module: bind_v1, needs: [split, polish]}
"""


def book_with(old: str, new: str) -> str:
    assert old in BOOK
    return BOOK.replace(old, new)
