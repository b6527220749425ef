"""Writing generated files."""

from __future__ import annotations

import os
from pathlib import Path

from cineforge.model.errors import CineForgeError
from cineforge.store.disk.durable import FULL, is_limit, refused
from cineforge.store.disk.replacing import replace_file
from cineforge.store.disk.safe_files import is_regular, read_regular


def has_text(target: Path, text: str) -> bool:
    """Whether a generated file is there as it should be."""
    try:
        return is_regular(target) and read_regular(target) == text.encode()
    except OSError:
        return False


def write_if_changed(target: Path, text: str) -> None:
    """Write a file atomically, unless it has this text already. Raises CineForgeError when it cannot be written."""
    try:
        if has_text(target, text):
            return
        if target.is_dir():
            raise IsADirectoryError(f"{target} is a folder: name a file in it")
        # Jobs of one run may write it at the same time.
        replace_file(target, text, draft=target.with_name(f"{target.name}.{os.getpid()}.new"))
    except OSError as error:
        if is_limit(error) or error.errno in FULL:
            raise refused(target, error) from error
        raise CineForgeError(f"{target} cannot be written: {error.strerror or error}") from error
