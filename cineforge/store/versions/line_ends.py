"""Telling files whose line ends Git changed from files that are damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cineforge.model.canonical import digest_bytes
from cineforge.model.errors import StoreDamaged
from cineforge.store import layout
from cineforge.store.disk.safe_files import read_regular

#: What keeps Git from touching the bytes of versions: no line ends, and no marks of a conflict between two branches.
ATTRIBUTE = f"{layout.ARTIFACTS}/** -text -merge"
#: Longer files are not tried.
_LONGEST = 64 << 20


class LineEndsChanged(StoreDamaged):
    """A file is as it was sealed but for its line ends: Git took it for text."""


def require_line_ends(path: Path, raw: bytes, is_right: Callable[[bytes], bool]) -> None:
    """Raise LineEndsChanged when bytes that are not right are so with their line ends changed back."""
    if b"\r\n" in raw and is_right(raw.replace(b"\r\n", b"\n")):
        raise LineEndsChanged(
            f"{path}: the line ends were changed, as Git does with what it takes for text. In the project:\n"
            f"  echo '{ATTRIBUTE}' >> .gitattributes\n"
            "  git ls-files -z artifacts | xargs -0 rm -f && git checkout -- artifacts"
        )
    if b"\n" in raw and is_right(raw.replace(b"\n", b"\r\n")):
        raise LineEndsChanged(
            f"{path}: the line ends were changed, as Git does with what it takes for text. In the project:\n"
            f"  echo '{ATTRIBUTE}' >> .gitattributes\n"
            rf"  perl -pi -e 's/\n/\r\n/' '{path}' && git add --renormalize artifacts"
        )


def require_line_ends_of(path: Path, digest: str) -> None:
    """The same of a file on the disk, by its digest."""
    try:
        raw = read_regular(path) if path.stat().st_size <= _LONGEST else b""
    except OSError:
        return
    require_line_ends(path, raw, lambda fixed: digest_bytes(fixed) == digest)
