"""Writing a file in one step: a reader sees what was there before or all of what comes, and so does a crash."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cineforge.store.disk import safe_files


def draft_of(path: Path) -> Path:
    """Where a file is written before it takes its place. One name, so that a killed writer leaves one file at most."""
    return path.with_name(f"{path.name}.new")


@contextmanager
def replacing(path: Path, draft: Path | None = None) -> Iterator[Path]:
    """Yield where to write; when the block ends, that takes the place of `path`, and on an error it is removed.

    A link in the place of the file is replaced, not followed. `draft` is for writers that may be several at a time, or
    whose draft must be known for one of theirs.
    """
    draft = draft or draft_of(path)
    try:
        yield draft
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def replace_file(
    path: Path,
    content: str | bytes,
    *,
    sync: bool = False,
    private: bool = False,
    draft: Path | None = None,
) -> None:
    """Write a file of ours in one step. `private`: nobody else may read it, whatever the umask. Raises OSError."""
    with replacing(path, draft) as fresh:
        if private:
            fresh.unlink(missing_ok=True)
            os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        safe_files.write_new(fresh, content, sync=sync)
