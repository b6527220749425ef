"""What modules and documents import from CineForge is public: importable from `cineforge` itself, and described."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import cineforge

ROOT = Path(__file__).resolve().parents[1]
#: What module authors may import besides `cineforge` itself.
PUBLIC_PACKAGES = {"cineforge", "cineforge.testing"}
MODULES = sorted((ROOT / "workflow" / "modules").rglob("*.py"))
SAMPLES = sorted((ROOT / "samples").glob("*.py"))
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def private_imports(code: str) -> Iterator[str]:
    """The imports of parts of CineForge that may move tomorrow."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.startswith("cineforge."))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            is_ours = node.module.split(".")[0] == "cineforge"
            if is_ours and node.module not in PUBLIC_PACKAGES:
                yield node.module
            elif node.module == "cineforge":
                yield from (n.name for n in node.names if n.name not in cineforge.__all__)


@pytest.mark.parametrize("file", [*MODULES, *SAMPLES], ids=lambda path: path.stem)
def test_shipped_code_imports_public_names_alone(file: Path) -> None:
    assert list(private_imports(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_import_public_names_alone(document: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    assert [name for block in blocks for name in private_imports(block)] == []


def test_every_public_name_can_be_imported_and_is_described() -> None:
    for name in cineforge.__all__:
        assert getattr(cineforge, name).__doc__, name


def test_importing_cineforge_imports_nothing_else_of_it() -> None:
    code = "import sys, cineforge; print([name for name in sys.modules if 'cineforge.' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_told_by_name() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Outptu' from 'cineforge'"):
        exec("from cineforge import Outptu")
