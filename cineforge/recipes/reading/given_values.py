"""Configuration given with a command: the files of `--configfile`, and the words of `--config` over them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cineforge.recipes.reading.project_file import override, read_values
from cineforge.recipes.reading.typed_values import assignments


def given_values(files: Iterable[Path], words: Iterable[str]) -> dict[str, Any]:
    """Each file goes over those before it, of maps key by key, and the words over all of them.

    Raises NotFound and ProblemsFound for a file, with its place, and DecisionFailed for the words.
    """
    given: dict[str, Any] = {}
    for file in files:
        override(given, read_values(file))
    override(given, assignments(words, "--config"))
    return given
