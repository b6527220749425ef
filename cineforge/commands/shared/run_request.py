"""What `cineforge plan` and `cineforge run` are asked for: the same words, with the same meaning."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.errors import DecisionFailed
from cineforge.store import layout

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.bridge.request.carried import CarriedSelection
    from cineforge.deciding.facts.store_world import StoreWorld
    from cineforge.deciding.instance import Instance
    from cineforge.deciding.planner import Planner
    from cineforge.deciding.selection import Selection
    from cineforge.recipes.resolved import ResolvedRecipe

#: So many single artifacts are named on Snakemake's command line; more travel in a file.
NAMED_ONE_BY_ONE = 50

#: What `--stale` answers when no health calls for work.
NOTHING_STALE = "nothing that was asked for is stale or needs revision"


@dataclass
class TypedTargets:
    """The words of a command line, as typed."""

    targets: list[str] = field(default_factory=list)
    forcerun: list[str] = field(default_factory=list)
    until: list[str] = field(default_factory=list)
    omit_from: list[str] = field(default_factory=list)
    force: bool = False
    stale: bool = False
    start_from: str | None = None

    @property
    def have_targets(self) -> bool:
        return bool(self.targets) or self.stale

    @property
    def narrow(self) -> bool:
        """Whether they ask for less than the whole recipe."""
        limits = self.until or self.omit_from or self.start_from
        return self.have_targets or bool(limits)


@dataclass(frozen=True)
class RunRequest:
    """What the words mean. `until` and `omit_from` are words of Snakemake's own.

    `forced_words` are those of `--forcerun`, each with what it means.
    """

    asked: Selection
    forced_words: Mapping[str, Selection]
    force_all: bool
    force_targets: bool
    until: tuple[str, ...]
    omit_from: tuple[str, ...]
    start_from: str | None

    @cached_property
    def forced(self) -> Selection:
        """All that `--forcerun` names."""
        return reduce(or_, self.forced_words.values(), type(self.asked)())

    @property
    def forces_any(self) -> bool:
        """Whether anything is forced."""
        return self.force_all or self.force_targets or bool(self.forced)

    def is_forced(self, instance: Instance) -> bool:
        forced = self.force_all or self.forced.takes(instance)
        return forced or (self.force_targets and self.asked.takes(instance))


@dataclass(frozen=True)
class SnakemakeTargets:
    """A request in words that Snakemake knows, and what is left over for the file that goes with them."""

    targets: tuple[str, ...]
    forcerun: tuple[str, ...]
    carried: CarriedSelection | None


def project_folder(directory: Path | None) -> Path:
    """The project asked for: the current folder, or ./output outside a project."""
    if directory is not None:
        return directory.absolute()
    here = Path.cwd()
    return here if layout.looks_like_project(here) else here / layout.OUTSIDE


def named_recipe(
    words: list[str], project: Path, config: Mapping[str, JsonValue]
) -> tuple[str | None, list[str]]:
    """The recipe that the first word names, if it does, and the targets. Raises DecisionFailed where none is known."""
    from cineforge.recipes.listed import is_recipe, names_a_recipe

    if not names_a_recipe(config):
        if not words:
            raise DecisionFailed(
                "name a recipe, here or in config.yaml ('recipe: screenplay'); 'cineforge init' makes a project"
            )
        return words[0], words[1:]
    if words and is_recipe(words[0], project, config):
        return words[0], words[1:]
    return None, words


def read_request(
    words: TypedTargets, planner: Planner, world: StoreWorld, recipes: Collection[str] = ()
) -> RunRequest:
    """What words mean now. Raises DecisionFailed that names all wrong ones. `planner` knows of no forcing.

    `recipes` are those that the first target may have been meant for.
    """
    from cineforge.deciding.dry_run.entities import EntitiesNow
    from cineforge.deciding.selection import Selection, makers_of, resolve_words

    recipe, known = planner.recipe, EntitiesNow(planner)

    def meaning(some: list[str]) -> Selection:
        return resolve_words(some, recipe, known)

    limits = [*words.until, *words.omit_from]
    every = [*words.targets, *words.forcerun, *limits]
    # So that all wrong words are told at once.
    resolve_words(every, recipe, known, recipes if words.targets else ())
    asked = meaning(words.targets or ["all"])
    if words.stale:
        unfit = makers_of(recipe, world.unfit())
        asked = _while_they_are_there((each for each in unfit if asked.takes(each)), planner)
    forced_words = {word: meaning([word]) for word in words.forcerun}
    limit = {word: tuple(_limit(word, meaning([word]), recipe)) for word in limits}
    return RunRequest(
        # Snakemake, too, takes what is forced by its path for a target.
        asked=asked | Selection(instances=meaning(words.forcerun).instances),
        forced_words=forced_words,
        force_all=words.force and not words.have_targets,
        force_targets=words.force and words.have_targets,
        until=tuple(name for word in words.until for name in limit[word]),
        omit_from=tuple(name for word in words.omit_from for name in limit[word]),
        start_from=words.start_from,
    )


def _while_they_are_there(unfit: Iterable[Instance], planner: Planner) -> Selection:
    """Nobody named these: an entity that a fan-out turns out to leave out is no target that is missing."""
    from cineforge.deciding.selection import Pattern, Selection

    certain: set[Instance] = set()
    open_: set[Pattern] = set()
    for each in unfit:
        entity_type = planner.recipe.stages[each.stage].for_each
        if entity_type and each.entity and planner.members.has(entity_type, each.entity) is None:
            open_.add(Pattern(each.stage, each.entity))
        else:
            certain.add(each)
    return Selection(instances=frozenset(certain), patterns=frozenset(open_))


def snakemake_targets(request: RunRequest, recipe: ResolvedRecipe) -> SnakemakeTargets:
    """The same request for Snakemake. What `--force` means is left to Snakemake's own options."""
    from cineforge.bridge.request.carried import CarriedSelection
    from cineforge.deciding.selection import Selection

    asked, carried = request.asked, Selection()
    if asked.patterns or len(asked.instances) > NAMED_ONE_BY_ONE:
        carried = asked
        asked = Selection(stages=asked.touched)
    whole = asked.stages == recipe.asked.keys() and not carried
    if request.force_targets and len(recipe.asked) < len(recipe.stages):
        whole = False  # of `all`, Snakemake would also force what other recipes make for it
    targets = (
        ["all"] if whole else [f"all_{each}" for each in recipe.stages if each in asked.stages]
    )
    if not whole:
        targets += _paths(asked.instances, recipe)
    forced = request.forced
    forcerun = [each for each in recipe.stages if each in forced.stages]
    if forced.patterns or len(forced.instances) > NAMED_ONE_BY_ONE:
        left = CarriedSelection(
            carried or None, Selection(frozenset(), forced.instances, forced.patterns)
        )
        return SnakemakeTargets(tuple(targets), tuple(forcerun), left)
    forcerun += _paths(forced.instances, recipe)
    return SnakemakeTargets(
        tuple(targets), tuple(forcerun), CarriedSelection(carried) if carried else None
    )


def _paths(instances: Iterable[Instance], recipe: ResolvedRecipe) -> list[str]:
    from cineforge.bridge.paths import current_path
    from cineforge.bridge.request.native_targets import key_of

    return sorted(current_path(key_of(recipe, each)) for each in instances)


def _limit(word: str, meant: Selection, recipe: ResolvedRecipe) -> Iterator[str]:
    """A word of `--until` or `--omit-from` for Snakemake."""
    if meant.patterns:
        raise DecisionFailed(
            f"--until and --omit-from take stages and single artifacts, not '{word}': name it as a target instead"
        )
    if word.startswith("all_"):
        yield word
    else:
        yield from (each for each in recipe.stages if each in meant.stages)
        yield from _paths(meant.instances, recipe)
