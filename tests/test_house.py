"""How the code is kept together: what one module alone knows, and what one helper alone does."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = sorted((ROOT / "cineforge").rglob("*.py"))
LAYOUT = ROOT / "cineforge" / "store" / "layout.py"
#: Of these folders and files of a project only `layout.py` knows the names.
KNOWN_THERE = {
    "artifacts", "runs", "current", ".cineforge", ".snakemake", ".live", "claims", "owners",
    "reserved", "compiled", "logs", "jobs", "unpublished", "recipes", "config.yaml", "data.json",
    "meta.json", "files", "index.sqlite", "pipeline_events.jsonl", "run_state.json", "plan.json",
}  # fmt: skip
#: What renames otherwise: folders into their places, links, a database with its log, and the helper itself.
RENAMES = {
    "store/disk/replacing.py",
    "store/publishing/renames.py",
    "store/versions/links.py",
    "store/index/index_file.py",
    "running/workers/unpublished.py",
    "running/probes.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "cineforge").as_posix()


def texts_in_paths(tree: ast.AST) -> Iterator[str]:
    """What is joined to a path, and texts that begin like one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts: list[ast.expr] = [node.left, node.right]
        elif isinstance(node, ast.JoinedStr) and "/" in ast.unparse(node.values[0]):
            parts = node.values[:1]
        else:
            continue
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


@pytest.mark.slow
def test_only_the_layout_knows_the_folders_of_a_project() -> None:
    others = {"recipes/generate.py"}  # whose names are of the repository's own schemas
    found = {
        (name_of(path), text)
        for path in CODE
        if path != LAYOUT and name_of(path) not in others
        for text in texts_in_paths(ast.parse(path.read_text(encoding="utf-8")))
        if text.split("/")[0] in KNOWN_THERE
    }
    assert not found, "take these from cineforge/store/layout.py"


def test_no_two_files_have_the_same_name() -> None:
    """But for a command, which is one file named as it is typed."""
    names = Counter(path.name for path in CODE if path.name != "__init__.py")
    assert [name for name, count in names.items() if count > 1] == []


def test_files_are_replaced_by_one_helper() -> None:
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                one_path = len(node.args) == 1 and node.func.attr == "replace"
                if node.func.attr == "rename" or (one_path and not node.keywords):
                    found.add(name_of(path))
    assert found == RENAMES, "use cineforge.store.disk.replacing"
