"""Folders removed with all that is in them, however deep: a module, or a stranger, may have nested thousands."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_folder(folder: Path) -> None:
    """Remove a folder; what cannot be removed stays. A link to one is left as it is."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:  # Python's own goes down by calling itself
        with suppress(OSError):
            top = os.open(folder, _FOLDER)
            try:
                _empty(top)
            finally:
                os.close(top)
            folder.rmdir()


def _empty(top: int) -> None:
    """Bring folders that are further down up to the top, where each can be removed, until there are none."""
    prefix, count = secrets.token_hex(8), 0
    is_deeper = True
    while is_deeper:
        is_deeper = False
        for name in os.listdir(top):
            for inner in _removed(name, top):
                with suppress(OSError):
                    count += 1
                    folder = os.open(name, _FOLDER, dir_fd=top)
                    try:
                        os.rename(inner, f"{prefix}.{count}", src_dir_fd=folder, dst_dir_fd=top)
                        is_deeper = True
                    finally:
                        os.close(folder)


def _removed(name: str, top: int) -> list[str]:
    """Remove what has that name, or all in it but folders: these are returned, and without them it can be removed."""
    try:
        folder = os.open(name, _FOLDER, dir_fd=top)
    except OSError:  # a file, or a link
        with suppress(OSError):
            os.unlink(name, dir_fd=top)
        return []
    kept = []
    try:
        for inner in os.listdir(folder):  # noqa: PTH208
            try:
                os.unlink(inner, dir_fd=folder)
            except OSError:
                kept.append(inner)
    finally:
        os.close(folder)
    with suppress(OSError):
        os.rmdir(name, dir_fd=top)
    return kept
