"""What a run is for: the words that people type as targets, and the instances that they mean.

Words are resolved against the recipe and the members of today. A pattern stays a pattern, so that it also takes
members that a fan-out has yet to name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Protocol

from cineforge.deciding.instance import Instance, instance_of
from cineforge.model.errors import DecisionFailed, InvalidName, nearest, suggestion
from cineforge.model.names import NO_ENTITY, collection_type, parent_of
from cineforge.model.refs import ArtifactKey, make_key
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import layout

WILD = frozenset("*?[")


@dataclass(frozen=True, order=True)
class Pattern:
    """Instances of one stage, by a glob over their entity ids. `*` reaches over dots as well.

    With `emitted` the glob is over what they emit: it takes those that may emit something that matches.
    """

    stage: str
    entity: str
    emitted: bool = False

    @cached_property
    def _is_exact(self) -> bool:
        return WILD.isdisjoint(self.entity)

    def matches(self, entity: str) -> bool:
        if self.emitted:
            return self.may_emit_match(entity)
        return entity == self.entity if self._is_exact else fnmatchcase(entity, self.entity)

    def may_emit_match(self, scope: str) -> bool:
        """Can there be an id nested in `scope` that matches?"""
        if self._is_exact:
            return self.entity.startswith(f"{scope}.")
        # A `*` that is cut after itself stands for all that may still follow.
        begin = f"{scope}."
        return any(fnmatchcase(begin, self.entity[:end]) for end in range(1, len(self.entity) + 1))


@dataclass(frozen=True)
class Selection:
    """Whole stages, single instances, and patterns: what any of them takes is asked for."""

    stages: frozenset[str] = frozenset()
    instances: frozenset[Instance] = frozenset()
    patterns: frozenset[Pattern] = frozenset()

    def takes(self, instance: Instance) -> bool:
        return (
            instance.stage in self.stages
            or instance in self.instances
            or any(
                instance.entity is not None and pattern.matches(instance.entity)
                for pattern in self.of(instance.stage)
            )
        )

    def of(self, stage: str) -> list[Pattern]:
        """The patterns over one stage."""
        return [pattern for pattern in self.patterns if pattern.stage == stage]

    def may_take_emitted(self, stage: str, fan_out: Instance) -> bool:
        """Can this fan-out name a member for which an instance of `stage` is asked for?"""
        if stage in self.stages or fan_out.entity is None:
            return True
        return any(pattern.may_emit_match(fan_out.entity) for pattern in self.of(stage))

    @property
    def touched(self) -> frozenset[str]:
        """Every stage of which something is asked for."""
        named = {each.stage for each in self.instances}
        return self.stages | named | {each.stage for each in self.patterns}

    def __or__(self, other: Selection) -> Selection:
        return Selection(
            self.stages | other.stages,
            self.instances | other.instances,
            self.patterns | other.patterns,
        )

    def __bool__(self) -> bool:
        return bool(self.stages or self.instances or self.patterns)


class Entities(Protocol):
    """The entity ids there are, by entity type of the recipe."""

    def has(self, entity_type: str, entity: str) -> bool | None:
        """None while a fan-out that would tell has yet to run."""

    def today(self, entity_type: str) -> tuple[str, ...]:
        """The ids that the newest collections name, sorted."""

    def is_open(self, entity_type: str) -> bool:
        """Has a fan-out yet to run that may name others?"""


def everything(recipe: ResolvedRecipe) -> Selection:
    return Selection(stages=frozenset(recipe.asked))


def resolve_words(
    words: Iterable[str], recipe: ResolvedRecipe, known: Entities, recipes: Collection[str] = ()
) -> Selection:
    """What words mean: `all`, stages, types, `type/entity`, globs, entity ids; in `current/` paths as well.

    Raises DecisionFailed that names all without a meaning, each with the nearest; the first may be one of `recipes`.
    """
    reader = _Reader(recipe, known)
    found = Selection()
    wrong: dict[str, str] = {}
    for place, word in enumerate(words):
        try:
            found |= reader.meaning(word)
        except (_NoMeaning, InvalidName) as error:
            wrong[word] = _or_a_recipe(str(error), word, recipes if place == 0 else ())
    if len(wrong) == 1:
        [(word, hint)] = wrong.items()
        raise DecisionFailed(f"{recipe.title} no '{word}': {hint}")
    if wrong:
        lines = "".join(f"\n  '{word}': {hint}" for word, hint in wrong.items())
        raise DecisionFailed(f"{len(wrong)} words name nothing that {recipe.title}:{lines}")
    return found


def _or_a_recipe(hint: str, word: str, recipes: Collection[str]) -> str:
    meant = nearest(word, recipes) if {"/", *WILD}.isdisjoint(word) else None
    first = f"{hint[:-1]}, or" if hint.startswith("did") else "did you mean"
    return f"{first} the recipe '{meant}'?" if meant else hint


def makers_of(recipe: ResolvedRecipe, keys: Iterable[ArtifactKey]) -> frozenset[Instance]:
    """The instances that make some artifacts, those of other recipes left out."""
    makers = (instance_of(recipe, *key) for key in keys)
    return frozenset(maker for maker in makers if maker is not None)


class _NoMeaning(Exception):
    """Why a word means nothing, with a hint."""


class _Reader:
    def __init__(self, recipe: ResolvedRecipe, known: Entities) -> None:
        self._recipe = recipe
        self._known = known
        self._stages = recipe.asked
        self._makers = {made: its for made, its in recipe.makers.items() if its in self._stages}
        self._domains = [
            name for name, domain in recipe.domains.items() if domain.stage in self._stages
        ]

    def meaning(self, word: str) -> Selection:
        stages = self._stages
        text = word.removeprefix("./")
        if text.startswith(f"{layout.CURRENT}/"):
            text = text.removeprefix(f"{layout.CURRENT}/").removesuffix(".json")
        if text == "all":
            return everything(self._recipe)
        for name in (text, text.removeprefix("all_")):
            if name in stages:
                return Selection(stages=frozenset({name}))
        head, slash, entity = text.partition("/")
        if slash and WILD & set(text):
            return self._glob(head, entity)
        if slash:
            return self._artifact(head, entity)
        if WILD & set(text):
            matching = {stage for name, stage in self._names().items() if fnmatchcase(name, text)}
            if not matching:
                raise _NoMeaning(f"no stage matches; {suggestion(text, list(stages))}")
            return Selection(stages=frozenset(matching))
        maker = self._names().get(text)
        return Selection(stages=frozenset({maker})) if maker else self._entity(text)

    def _names(self) -> dict[str, str]:
        """Every stage and artifact type, with the stage behind it. A type goes before a stage of the same name."""
        names = {stage: stage for stage in self._stages}
        for stage in self._stages.values():
            if stage.is_fan_out:
                names[collection_type(stage.id)] = stage.id
        return names | self._makers

    def _artifact(self, artifact_type: str, entity: str) -> Selection:
        if "@" in entity:
            raise _NoMeaning("it names a version: leave out the '@' and what follows")
        key = make_key(artifact_type, None if entity in ("", NO_ENTITY) else entity)
        stage_id = self._names().get(artifact_type)
        if stage_id is None:
            hint = suggestion(artifact_type, sorted(self._names()))
            raise _NoMeaning(f"there is no type '{artifact_type}'; {hint}")
        domain = self._domain(artifact_type, stage_id)
        if domain is None and key.entity_id is not None:
            raise _NoMeaning(
                f"there is one '{artifact_type}', for the project: leave out '/{entity}'"
            )
        if domain is None:
            return Selection(instances=frozenset({Instance(stage_id)}))
        if key.entity_id is None:
            raise _NoMeaning(f"name one {domain}, or '{stage_id}' for all of them")
        if self._known.has(domain, key.entity_id) is False:
            ids = self._known.today(domain)
            names = [f"{artifact_type}/{each}" for each in ids]
            hint = suggestion(f"{artifact_type}/{entity}", names if len(ids) <= 8 else names[:500])
            shown = hint if len(ids) <= 8 or hint.startswith("did") else f"there are {len(ids)}"
            raise _NoMeaning(f"there is no {domain} '{entity}'; {shown}")
        return Selection(instances=frozenset({self._maker(artifact_type, stage_id, key.entity_id)}))

    def _domain(self, artifact_type: str, stage_id: str) -> str | None:
        """The entity type whose ids an artifact of this type bears; None for what the project has one of."""
        return (
            artifact_type
            if self._is_member(artifact_type)
            else self._recipe.stages[stage_id].for_each
        )

    def _is_member(self, artifact_type: str) -> bool:
        domain = self._recipe.domains.get(artifact_type)
        return domain is not None and self._recipe.makers.get(artifact_type) == domain.stage

    def _maker(self, artifact_type: str, stage_id: str, entity: str) -> Instance:
        if not self._is_member(artifact_type):
            return Instance(stage_id, entity)
        nested = self._recipe.stages[stage_id].for_each is not None
        return Instance(stage_id, parent_of(entity) if nested else None)

    def _glob(self, type_glob: str, entity_glob: str) -> Selection:
        found = Selection()
        types = {
            name: stage for name, stage in self._names().items() if fnmatchcase(name, type_glob)
        }
        for name, stage_id in types.items():
            domain = self._domain(name, stage_id)
            if domain is None:
                continue
            matching = [
                each for each in self._known.today(domain) if fnmatchcase(each, entity_glob)
            ]
            if self._is_member(name):
                makers = {self._maker(name, stage_id, each) for each in matching}
                found |= Selection(instances=frozenset(makers))
                if self._known.is_open(domain):
                    found |= self._may_emit(stage_id, entity_glob)
            elif matching or self._known.is_open(domain):
                found |= Selection(patterns=frozenset({Pattern(stage_id, entity_glob)}))
        if found:
            return found
        if not types:
            raise _NoMeaning(f"no type matches; {suggestion(type_glob, sorted(self._names()))}")
        domains = {self._domain(name, stage) for name, stage in types.items()} - {None}
        ids = [f"{each}/{found}" for each in domains if each for found in self._known.today(each)]
        shown = f"there are {', '.join(ids[:4])} ..." if ids else "it has no entities"
        raise _NoMeaning(f"nothing matches; {shown}")

    def _may_emit(self, stage_id: str, entity_glob: str) -> Selection:
        """What may make a member that is not known yet and matches: the id of its parent begins as its own does."""
        if self._recipe.stages[stage_id].for_each is None:
            return Selection(instances=frozenset({Instance(stage_id)}))
        return Selection(patterns=frozenset({Pattern(stage_id, entity_glob, emitted=True)}))

    def _entity(self, entity: str) -> Selection:
        """Everything made for one entity and for what is nested in it."""
        domains = [name for name in self._domains if entity in self._known.today(name)]
        patterns = frozenset(self._for_each(domains, entity))
        if patterns:
            return Selection(patterns=patterns)
        if domains:
            raise _NoMeaning(f"no stage works for a {domains[0]}")
        today = (each for domain in self._domains for each in self._known.today(domain))
        every = [*self._stages, *self._makers, *today]
        hint = suggestion(entity, every) if len(every) < 2000 else suggestion(entity, every[:2000])
        if not hint.startswith("did"):
            hint = suggestion(entity, list(self._stages))
        opened = [name for name in self._domains if self._known.is_open(name)]
        if opened and not hint.startswith("did"):
            hint += f"; for what is yet to be named, write its type as well: {opened[0]}/{entity}"
        raise _NoMeaning(hint)

    def _for_each(self, domains: list[str], entity: str) -> Iterator[Pattern]:
        for stage in self._stages.values():
            domain = stage.for_each
            if domain in domains:
                yield Pattern(stage.id, entity)
            while domain is not None:
                domain = self._recipe.domains[domain].parent
                if domain in domains:
                    yield Pattern(stage.id, f"{entity}.*")
