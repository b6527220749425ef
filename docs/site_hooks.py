"""What the site takes from outside docs/: pages of the repository's root, and the schemas that pages link to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
#: Pages of the root by their name on the site.
PAGES = {
    "index.md": "README.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "AGENTS.md": "AGENTS.md",
    "SECURITY.md": "SECURITY.md",
}


def on_files(files: Files, config: Any) -> Files:
    """Add what lies beside docs/."""
    for name, source in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=_from_the_root(text)))
    for schema in sorted((ROOT / "schemas").glob("*.json")):
        name = f"schemas/{schema.name}"
        files.append(File.generated(config, name, abs_src_path=str(schema)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Links out of docs/ lead to what `on_files` has added."""
    return re.sub(r"\]\(\.\./(?=schemas/|[A-Z]+\.md)", "](", markdown)


def _from_the_root(text: str) -> str:
    return text.replace("](docs/", "](").replace("](README.md", "](index.md")
