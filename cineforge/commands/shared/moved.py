"""Whether the project was moved from under a command, which then meets files that are not there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_OPTION = "--directory"


class Place:
    """Where a command works, as it was when the command began."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._folder: Path | None = None
        with suppress(OSError, ValueError):  # it is told by who opens it
            folder = Path.cwd() / _named(arguments)
            found = folder.stat()
            self._folder, self._known = folder, (found.st_dev, found.st_ino)

    def moved(self) -> str | None:
        """What to say if it has gone; None if it has not."""
        from cineforge.model.errors import moved_text
        from cineforge.store.disk.safe_files import is_another

        if self._folder is None or not is_another(self._folder, self._known):
            return None
        return moved_text(self._folder)


def _named(arguments: Sequence[str]) -> str:
    """The folder that `--directory` names, which every command has; the last one counts."""
    named = ""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        option, given, value = word.partition("=")
        if option == _OPTION:
            named = value if given else following
    return named
