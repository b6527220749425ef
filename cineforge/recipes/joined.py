"""Several recipes of one project as one: the store inputs of a recipe are fed by stages of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cineforge.model.canonical import digest_json
from cineforge.model.errors import Problem, ProblemsFound
from cineforge.recipes.resolved import Reach, ResolvedInput, ResolvedRecipe, ResolvedStage
from cineforge.recipes.resolving.order import in_order

#: Ids of more recipes than fit into the name of a file are told by their digest.
_LONGEST = 100


def joined(recipes: Sequence[ResolvedRecipe], only: str | None = None) -> ResolvedRecipe:
    """The recipes as one, those that others read from first, else in the order given.

    With `only` the stages of that one are what is asked for. Nothing in a fingerprint differs from that of the
    recipe alone. Raises ProblemsFound for recipes that cannot be one.
    """
    if len(recipes) == 1:
        return recipes[0]
    _require_apart(recipes)
    recipes = _in_order(recipes)
    chains = _chains(recipes)
    stages = {name: stage for recipe in recipes for name, stage in recipe.stages.items()}
    fed = {name: _fed(stage, chains, stages) for name, stage in stages.items()}
    order, cycles = in_order({name: [*stage.needs, *stage.after] for name, stage in fed.items()})
    if cycles:
        ring = " -> ".join([*cycles[0], cycles[0][0]])
        raise _refused(
            [
                Problem(
                    f"recipes wait for each other: {ring}",
                    hint="let one of them read less from the store, or keep them in two projects",
                )
            ]
        )
    names = "+".join(each.recipe_id for each in recipes) + (f".{only}" if only else "")
    if len(names) > _LONGEST:
        names = f"recipes-{digest_json(names).rpartition(':')[2][:16]}"
    return ResolvedRecipe(
        recipe_id=names,
        description="",
        stages={name: fed[name] for name in order},
        domains={name: domain for each in recipes for name, domain in each.domains.items()},
        makers={made: chain[-1] for made, chain in chains.items()},
        project={},
        digest=digest_json([each.digest for each in recipes]),
        begun_by={made: stage for each in recipes for made, stage in each.begun_by.items()}
        | {made: chain[0] for made, chain in chains.items() if made in _refined_elsewhere(recipes)},
        refiners={
            made: refiners
            for made, chain in chains.items()
            if (refiners := tuple(its for its in chain if stages[its].refines == made))
        },
        secrets=frozenset().union(*(each.secrets for each in recipes)),
        parts=tuple(recipes),
        only=only,
    )


def _in_order(recipes: Sequence[ResolvedRecipe]) -> list[ResolvedRecipe]:
    """Those that others read from come first; where they read from each other, the stages are put in order later."""
    by_id = {each.recipe_id: each for each in recipes}

    def before(recipe: ResolvedRecipe, place: int) -> Iterator[str]:
        for made in _stored(recipe):
            for other_place, other in enumerate(recipes):
                # Of recipes that refine the same, each reads what those before it in the list have made.
                both_refine = _refines(recipe, made) and _refines(other, made)
                is_before = not both_refine or other_place < place
                if made in other.makers and other is not recipe and is_before:
                    yield other.recipe_id

    waits = {each.recipe_id: list(before(each, place)) for place, each in enumerate(recipes)}
    order, _ = in_order(waits)
    return [by_id[name] for name in order]


def _stored(recipe: ResolvedRecipe) -> Iterator[str]:
    for stage in recipe.stages.values():
        yield from (wanted.artifact_type for wanted in stage.inputs if wanted.producer is None)


def _refines(recipe: ResolvedRecipe, made: str) -> bool:
    """Whether a recipe only refines a type, which it has from elsewhere."""
    return made in recipe.refiners and made not in recipe.begun_by


def _refined_elsewhere(recipes: Sequence[ResolvedRecipe]) -> set[str]:
    """The types that one recipe makes and another refines."""
    return {made for each in recipes for made in each.refiners if _refines(each, made)} & {
        made for each in recipes for made in each.makers if not _refines(each, made)
    }


def _chains(recipes: Sequence[ResolvedRecipe]) -> dict[str, list[str]]:
    """By type, the stages that make it one after the other, over all recipes."""
    chains: dict[str, list[str]] = {}
    for recipe in recipes:
        for made, last in recipe.makers.items():
            refiners = recipe.refiners.get(made, ())
            first = recipe.begun_by.get(made) if refiners else last
            chains.setdefault(made, []).extend([*([first] if first else []), *refiners])
    return chains


def _fed(
    stage: ResolvedStage,
    chains: Mapping[str, Sequence[str]],
    stages: Mapping[str, ResolvedStage],
) -> ResolvedStage:
    """A stage whose inputs come from where they are made last, as far as that is known."""

    def one(wanted: ResolvedInput) -> ResolvedInput:
        chain = chains.get(wanted.artifact_type, ())
        if stage.refines == wanted.artifact_type:
            chain = chain[: chain.index(stage.id)]  # what it refines is what those before it made
        if not chain or wanted.producer == chain[-1]:
            return wanted
        if wanted.producer is not None:
            # Where another recipe refines what a stage reads, it reads the refined one.
            is_maker = stage.id in chains[wanted.artifact_type]
            return wanted if is_maker else replace(wanted, producer=chain[-1])
        maker = stages[chain[-1]]
        has_entities = maker.for_each is not None or any(
            out.many for out in maker.outputs if out.artifact_type == wanted.artifact_type
        )
        if has_entities == (wanted.reach is Reach.PROJECT):
            return wanted  # one is asked for where many are made: it is told when there is none in the store
        return replace(wanted, producer=maker.id, stored=True)

    inputs = tuple(map(one, stage.inputs))
    fed = {wanted.producer for wanted in inputs if wanted.producer} - {*stage.needs, stage.id}
    return replace(stage, inputs=inputs, needs=(*stage.needs, *sorted(fed)))


def _require_apart(recipes: Sequence[ResolvedRecipe]) -> None:
    problems: list[Problem] = []
    ids: dict[str, ResolvedRecipe] = {}
    stages: dict[str, str] = {}
    types: dict[str, str] = {}
    for recipe in recipes:
        name, file = recipe.recipe_id, str(recipe.file or "")
        if name in ids:
            hint = "name each recipe once; the same recipe with other values needs a project of its own"
            problems.append(Problem(f"the recipe_id '{name}' is there twice", file, hint=hint))
            continue
        ids[name] = recipe
        for stage in recipe.stages:
            other = stages.setdefault(stage, name)
            if other != name:
                hint = "rename the stage in one of them, or keep the recipes in two projects"
                message = f"the stage '{stage}' is in the recipe '{other}' as well"
                problems.append(Problem(message, file, hint=hint))
        for made, last in recipe.makers.items():
            of_one = recipe.stages[last].for_each is None and made not in recipe.domains
            if _refines(recipe, made) and of_one:
                continue
            other = types.setdefault(made, name)
            if other != name:
                hint = "let one of them read it from the store, or keep the recipes in two projects"
                message = f"'{made}' is made by the recipe '{other}' as well"
                problems.append(Problem(message, file, hint=hint))
    if problems:
        raise _refused(problems)


def _refused(problems: Sequence[Problem]) -> ProblemsFound:
    return ProblemsFound("the recipes of the project cannot be used together:", problems)
