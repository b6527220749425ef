"""Python read without running it."""

from __future__ import annotations

import ast
import threading
import warnings
from pathlib import Path

#: Python 3.11 counts how deep it is in one place for all threads, and fails when two of them parse at a time; nor are
#: filters of warnings kept apart.
_ONE_AT_A_TIME = threading.Lock()


def parse_python(source: bytes, file: Path) -> ast.Module:
    """The tree of a file. Raises SyntaxError, ValueError, RecursionError, MemoryError."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Python's remarks on style (an odd escape) are for the file's author, not for every command.
        warnings.simplefilter("ignore")
        return ast.parse(source, filename=str(file))
