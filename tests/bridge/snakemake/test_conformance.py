"""Snakemake is as `cineforge.bridge.snakemake` takes it to be."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from cineforge.bridge import snakemake as door
from tests.bridge.snakemake.reliance import RELIED_ON, Reliance

#: What begins a chain of attributes that belongs to Snakemake.
_THEIRS = {"workflow", "_workflow", "dag", "scheduler", "persistence", "settings", "plugin"}


@pytest.mark.parametrize(
    "reliance", RELIED_ON, ids=lambda each: f"{each.place}:{'/'.join(each.names)}"[:80]
)
def test_what_is_relied_on_is_there(reliance: Reliance) -> None:
    assert reliance.is_there(), f"without it: {reliance.breaks}"


def test_every_attribute_that_is_touched_is_named() -> None:
    named = {name for reliance in RELIED_ON for name in reliance.names}

    touched = {
        f"{file.name}: {name}"
        for file in Path(door.__path__[0]).glob("*.py")
        for name in _touched(ast.parse(file.read_text(encoding="utf-8")))
        if name not in named
    }

    assert not touched


def test_everything_that_is_imported_is_named() -> None:
    named = {name for reliance in RELIED_ON for name in (reliance.place, *reliance.names)}

    imported = {
        f"{file.name}: {each.name}"
        for file in Path(door.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("snakemake")
        for each in node.names
        if each.name not in named and f"{node.module}.{each.name}" not in named
    }

    assert not imported


def _touched(tree: ast.Module) -> set[str]:
    """The names of attributes in chains such as `self._workflow.dag.forcefiles`, `add` and `update` left out."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            chain = _chain(node)
            starts = [place for place, name in enumerate(chain) if name in _THEIRS]
            if starts:
                found |= set(chain[starts[0] + 1 :])
    return found - {"add"} - {"_workflow"}


def _chain(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [*_chain(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []
