"""Users that the system has no name for, as in a container that was given a bare number: Snakemake asks for it."""

from __future__ import annotations

import os
import pwd
from contextlib import suppress

from cineforge.model.errors import CineForgeError

#: Where Python looks for the name of the user, before it asks the system.
_NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")
#: Where Snakemake looks for folders of its own, before it asks for the user's home.
_FOLDERS = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME")


def name_user() -> None:
    """Name the user by the number, if there is nothing else: Snakemake writes down who runs it, or ends."""
    if not any(os.environ.get(name) for name in _NAMES) and not _is_known():
        os.environ["LOGNAME"] = str(os.getuid())


def require_home() -> None:
    """Raise CineForgeError where Snakemake would find no home folder, and end in a traceback."""
    has_folders = all(os.environ.get(name) for name in _FOLDERS)
    if not (os.environ.get("HOME") or has_folders or _is_known()):
        raise CineForgeError(
            f"Snakemake asks for a home folder, and the user {os.getuid()} has none:"
            " name one that may be written to, as in HOME=/tmp cineforge run"
        )


def _is_known() -> bool:
    with suppress(KeyError):
        return bool(pwd.getpwuid(os.getuid()))
    return False
