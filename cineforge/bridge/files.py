"""Writing generated files."""

from __future__ import annotations

import os
from pathlib import Path


def write_if_changed(target: Path, text: str) -> None:
    """Write a file atomically, unless it has this text already."""
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(target)
