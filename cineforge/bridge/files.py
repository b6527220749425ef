"""Writing generated files."""

from __future__ import annotations

import os
from pathlib import Path

from cineforge.model.errors import CineForgeError


def write_if_changed(target: Path, text: str) -> None:
    """Write a file atomically, unless it has this text already. Raises CineForgeError when it cannot be written."""
    try:
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            return
        if target.is_dir():
            raise IsADirectoryError(f"{target} is a folder: name a file in it")
        draft = target.with_name(f"{target.name}.{os.getpid()}.new")
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise CineForgeError(f"{target} cannot be written: {error.strerror or error}") from error
