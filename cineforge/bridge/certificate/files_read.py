"""The files that a recipe is read from, each by its content: recipes, modules, schemas, the configuration.

All of them are looked at, not only those of the recipe in hand: another file may take the place of one of its own.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cineforge.recipes.share import share_root
from cineforge.store import layout
from cineforge.store.disk.safe_files import read_regular

#: Folders in folders, at most: more are a ring of links.
_DEEPEST = 12


#: What the system says of a file: another after each change, be it back again. And where it leads, if it is a link.
Stamp = tuple[int | str, ...]


class FilesRead:
    """The files as they are at one moment, by what the system says of them; they are read for the digest alone."""

    def __init__(self, stamps: Mapping[str, Stamp], newest: int) -> None:
        self._stamps = dict(stamps)
        #: The latest time at which one of them changed.
        self.newest = newest

    def digest(self) -> str:
        """Of all names and contents. Raises OSError where one cannot be read."""
        digest = hashlib.sha256()
        for path in sorted(self._stamps):
            digest.update(os.fsencode(path) + b"\0" + _content(path).encode() + b"\n")
        return digest.hexdigest()

    def are_untouched_since(self, before: FilesRead) -> bool:
        """Whether each file has held the same bytes all the time since `before`, and no other one came."""
        return self._stamps == before._stamps


def files_read(project: Path, recipes: Iterable[Path]) -> FilesRead | None:
    """What recipes of a project can be read from, as it is now. None where that cannot be told."""
    shared = share_root()
    folders = [
        shared / layout.RECIPES,
        shared / "workflow" / "modules",
        shared / layout.SCHEMAS,
        project / layout.RECIPES,
        project / layout.MODULES,
        project / layout.SCHEMAS,
    ]
    stamps: dict[str, Stamp] = {}
    newest = 0
    try:
        for path in _paths(folders, (project / layout.CONFIG_FILE, *recipes)):
            for state in _states(path):
                newest = max(newest, state.st_ctime_ns)
                numbers = (state.st_mode, state.st_dev, state.st_ino, state.st_size)
                times = (state.st_mtime_ns, state.st_ctime_ns)
                stamps[path] = (*stamps.get(path, ()), *numbers, *times)
    except OSError:
        return None
    return FilesRead(stamps, newest)


def program_stamp() -> str:
    """Another one whenever this program was changed, be it under the same version: by `git pull`, in a clone."""
    digest = hashlib.sha256()
    for path in sorted(_files_in(str(Path(__file__).parents[2]), _DEEPEST)):
        state = os.stat(path)  # noqa: PTH116
        digest.update(f"{path}\0{state.st_size} {state.st_mtime_ns} {state.st_ino}\n".encode())
    return digest.hexdigest()


def _paths(folders: Iterable[Path], others: Iterable[Path]) -> Iterator[str]:
    for path in others:
        if os.path.lexists(path):
            yield str(path)
    for folder in folders:
        if folder.is_dir():
            yield from _files_in(str(folder), _DEEPEST)


def _files_in(folder: str, depth: int) -> Iterator[str]:
    """Every file, but for what no recipe, module or schema is read from: hidden, compiled, or an editor's copy."""
    if not depth:
        raise OSError(f"{folder} lies too deep")
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith(".") or name.endswith(("~", ".pyc")) or name == "__pycache__":
                continue
            if entry.is_symlink():
                yield entry.path
            if entry.is_dir():
                yield from _files_in(entry.path, depth - 1)
            elif not entry.is_symlink():
                yield entry.path


def _states(path: str) -> Iterator[os.stat_result]:
    """What the system says of a file; and, of a link, of where it leads, if it leads anywhere."""
    state = os.lstat(path)
    yield state
    if stat.S_ISLNK(state.st_mode) and os.path.exists(path):  # noqa: PTH110
        yield os.stat(path)  # noqa: PTH116


def _content(path: str) -> str:
    """The digest of what a file holds, and where a link leads. What is no regular file has nothing to be read."""
    link = f" -> {os.readlink(path)}" if os.path.islink(path) else ""  # noqa: PTH114, PTH115
    if not os.path.isfile(path):  # noqa: PTH113
        return f"?{link}"
    return hashlib.sha256(read_regular(Path(path), follow=True)).hexdigest() + link
