"""Marks by which an index tells whether it belongs to these folders, and whether they changed behind its back.

`artifacts/.project` names the project, for good: a copy, a clone and an old backup of one project have the same.
`artifacts/.live/stamp` is another after each command that published something here: whatever brings versions from
elsewhere along with it (rsync, a copy), or an index that is older than the folders, shows by it. Git keeps an index
of its own, which is another after each pull and checkout.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cineforge.store import layout
from cineforge.store.disk import durable
from cineforge.store.disk.replacing import replacing

_NAME = re.compile(r"[0-9a-f]{32}")
_LONGEST = 4096

#: By name, what is remembered of the marks: `project`, `stamp`, `git`. Empty where there is none.
Marks = Mapping[str, str]


def read_marks(project: Path) -> Marks:
    """The marks as they are now. Looks at a handful of files, however large the project."""
    return {
        "project": project_name(project),
        "stamp": _named(project / layout.STAMP),
        "git": _git_state(project),
    }


def project_name(project: Path) -> str:
    """The project's name for itself; empty where it has none (yet)."""
    return _named(project / layout.PROJECT_FILE)


def name_project(project: Path, seed: str = "") -> str:
    """Give a project a name if it has none; returns the one it has.

    `seed` is what clones of it have in common: each of them may be the first to need the name.
    """
    name = hashlib.sha256(seed.encode()).hexdigest()[:32] if seed else secrets.token_hex(16)
    path = project / layout.PROJECT_FILE
    layout.require_inside(project, path.parent)
    with durable.explaining(project):
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(project, path, name)
    return name


def stamp(project: Path) -> str:
    """Stamp the folders anew; returns the stamp. Raises OSError."""
    path = project / layout.STAMP
    layout.require_inside(project, path.parent)
    name = secrets.token_hex(16)
    _replace(project, path, name)
    return name


def _replace(project: Path, path: Path, name: str) -> None:
    """Under another name first: the old file may be shared with a copy of the project, by a hard link."""
    fresh = project / layout.LIVE / f"mark-{secrets.token_hex(8)}"
    fresh.parent.mkdir(parents=True, exist_ok=True)
    # As long as it is locked nobody takes it for what a dead process left.
    with open(fresh, "x", encoding="ascii") as file, replacing(path, fresh):  # noqa: PTH123
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(f"{name}\n")
        file.flush()


def _named(path: Path) -> str:
    match = _NAME.match(_text(path))
    return match[0] if match else ""


def _text(path: Path) -> str:
    """The beginning of a regular file; nothing of anything else."""
    with suppress(OSError):
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path, flags)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return os.read(descriptor, _LONGEST).decode("utf-8", "replace")
        finally:
            os.close(descriptor)
    return ""


def _git_state(project: Path) -> str:
    """What is another after each command of Git that touched the work tree; empty outside of one."""
    for folder in (project, *project.parents):
        place = folder / ".git"
        with suppress(OSError):
            if stat.S_ISREG(os.stat(place).st_mode):  # noqa: PTH116  # a further work tree, or a submodule
                place = folder / _text(place).removeprefix("gitdir:").strip()
            found = os.stat(place / "index")  # noqa: PTH116
            return f"{found.st_ino} {found.st_ctime_ns}"
    return ""
