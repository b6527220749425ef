"""Wrong words after `--config`, told without a traceback: Snakemake reads them before any Snakefile."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any


def explain_wrong_words() -> None:
    """Have the command line of Snakemake say what is wrong with a word of `--config`, where it is what runs."""
    cli: Any = sys.modules.get("snakemake.cli")
    if cli is not None and not hasattr(cli.parse_config, "__wrapped__"):
        cli.parse_config = _explained(cli.parse_config)


def _explained(parse_config: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(parse_config)
    def explained(entries: list[str] | None) -> Any:
        try:
            return parse_config(entries)
        except ValueError as error:
            from snakemake.exceptions import CliException

            from cineforge.model.errors import CineForgeError
            from cineforge.recipes.reading.typed_values import assignments

            try:
                assignments(entries or (), "--config")
            except CineForgeError as ours:
                raise CliException(str(ours)) from None
            raise CliException(str(error)) from None

    return explained
