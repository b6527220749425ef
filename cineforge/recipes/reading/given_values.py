"""Configuration given with a command: the files of `--configfile`, and the words of `--config` over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.model.errors import CineForgeError, Problem
from cineforge.recipes.reading.amounts import SPENDING, wrong_amounts
from cineforge.recipes.reading.project_file import override, read_values
from cineforge.recipes.reading.typed_values import ON_FINISH, assignments, command_words
from cineforge.recipes.reading.yaml_source import YamlDocument

if TYPE_CHECKING:
    from pydantic import JsonValue


def given_values(files: Iterable[Path], words: Iterable[str]) -> dict[str, Any]:
    """Each file goes over those before it, of maps key by key, and the words over all of them.

    Raises NotFound and ProblemsFound for a file, with its place, and DecisionFailed for the words.
    """
    given: dict[str, JsonValue] = {}
    for file in files:
        override(given, read_values(file, _wrong_values))
    override(given, assignments(words, "--config"))
    return given


def _wrong_values(document: YamlDocument) -> Iterator[Problem]:
    # Told here, where the line is known: who reads it later knows the merged values alone.
    for path, message in wrong_amounts(document.data.get(SPENDING, {})):
        yield document.problem((SPENDING, *path), message)
    if document.data.get(ON_FINISH) is not None:
        try:
            command_words(document.data[ON_FINISH])
        except CineForgeError as error:
            yield document.problem((ON_FINISH,), str(error))
