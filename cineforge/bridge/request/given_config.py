"""What was given to Snakemake as configuration, read as everything else here reads it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.recipes.reading.given_values import given_values
from cineforge.recipes.reading.project_file import override
from cineforge.recipes.reading.typed_values import assignments

if TYPE_CHECKING:
    from pydantic import JsonValue


def take_given(config: MutableMapping[str, JsonValue], run: SnakemakeRun) -> None:
    """Put the values of `--configfile` and `--config` into Snakemake's `config`, in the place of what it made of them.

    Raises NotFound, ProblemsFound, DecisionFailed.
    """
    words, files = run.typed_config(), run.configfiles()
    if not files:
        override(config, assignments(words, "--config"))
        return
    # Snakemake has read `on:` and `1:` as keys that are no text.
    for name in [each for each in config if not isinstance(each, str)]:
        del config[name]
    given = given_values(files, ())
    override(given, run.config_by_python())
    override(given, assignments(words, "--config"))
    config.update(given)


def may_choose_recipe(run: SnakemakeRun) -> bool:
    """Whether a recipe may have been chosen for this command, over what config.yaml says."""
    typed = assignments(run.typed_config(), "--config")
    return "recipe" in typed or "recipe" in run.config_by_python() or bool(run.configfiles())
