"""What a project tells Git: that versions are no text, and what lives here and is not for others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cineforge.store import layout
from cineforge.store.versions.line_ends import ATTRIBUTE

_ATTRIBUTES = (ATTRIBUTE,)
#: What can be made again, and what living processes are at.
_IGNORED = tuple(f"{each}/" for each in (layout.PRIVATE, layout.SNAKEMAKE, layout.LIVE))


def write_git_files(project: Path) -> None:
    """Make `.gitattributes` and `.gitignore`, or add to those there are what they lack."""
    _add(project / ".gitattributes", _ATTRIBUTES)
    _add(project / ".gitignore", _IGNORED)


def _add(path: Path, lines: Iterable[str]) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return
    before = path.read_text("utf-8", "surrogateescape") if path.exists() else ""
    there = {line.strip() for line in before.splitlines()}
    missing = [line for line in lines if line not in there]
    if missing:
        # After what is there, as later lines win: `* text=auto`, say. Filters (Git LFS) are no matter of theirs.
        joint = "" if before.endswith("\n") or not before else "\n"
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(joint + "".join(f"{line}\n" for line in missing))
