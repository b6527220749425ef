"""How the code is kept together: what one module alone knows, and what one helper alone does."""

from __future__ import annotations

import ast
import re
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
    "store/disk/removing.py",
    "store/publishing/renames.py",
    "store/versions/links.py",
    "store/index/index_file.py",
    "running/workers/unpublished.py",
    "running/probing/probes.py",
}

#: The signs that AGENTS.md names, with its exceptions.
LINES, FILES, COLLABORATORS = 300, 12, 5
EXCEPTION = re.compile(r"^\| `([\w/.]+)` \| (\w+) \| .{20,} \|$", re.MULTILINE)
FOLDERS = ("cineforge", "snakemake_logger_plugin_cineforge", "workflow", "tests", "benchmarks")


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


def exceptions(more: str) -> set[str]:
    """Where AGENTS.md lets there be more than the rule says, and says why."""
    found = EXCEPTION.findall((ROOT / "AGENTS.md").read_text(encoding="utf-8"))
    return {where for where, of_what in found if of_what == more}


def excepted(path: Path, more: str) -> str | None:
    name = path.relative_to(ROOT).as_posix()
    above = [where for where in exceptions(more) if f"{name}/".startswith(where)]
    return above[0] if above else None


def all_code() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def test_a_file_has_at_most_300_lines_or_agents_says_why() -> None:
    long = [
        path for path in all_code() if len(path.read_text(encoding="utf-8").splitlines()) > LINES
    ]
    assert {excepted(path, "lines") for path in long} == exceptions("lines"), long


def test_a_folder_has_at_most_a_dozen_files_or_agents_says_why() -> None:
    counts = Counter(path.parent for path in all_code() if path.name != "__init__.py")
    full = [folder for folder, count in counts.items() if count > FILES]
    assert {excepted(folder, "files") for folder in full} == exceptions("files"), full


def test_a_constructor_takes_at_most_five_collaborators_or_agents_says_why() -> None:
    found = set()
    for path in CODE:
        if name_of(path).split("/")[0] not in ("bridge", "running", "history"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                count = len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs)
                if count > COLLABORATORS + 1:  # itself
                    found.add(path)
    assert {excepted(path, "collaborators") for path in found} == exceptions("collaborators"), found
