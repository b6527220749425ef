"""Random recipes: stages in every shape, each with a module of its own that says when it is called."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

#: The recipes of a project. Each may read what those before it make.
FIRST, SECOND, THIRD = "made", "next", "last"
#: All of them, where the project lists them: then no recipe is named.
WHOLE = ""


@dataclass(frozen=True)
class Read:
    """One input of a stage's module."""

    artifact_type: str
    #: Empty for what the other recipe makes.
    producer: str
    many: bool = False
    select: str | None = None
    optional: bool = False
    per_entity: bool = False


@dataclass(frozen=True)
class Stage:
    """One stage. `makes` maps output types to whether they are many; `asks`: it reads a project-config key.

    A plan may run the module of a `pure` one. `listed`: its project lists all recipes, so that they are one whole.
    One that `refines` makes the next version of what it reads; what lies below a `gate` waits for somebody's word.
    """

    id: str
    reads: tuple[Read, ...] = ()
    makes: dict[str, bool] = field(default_factory=dict)
    for_each: str | None = None
    after: tuple[str, ...] = ()
    asks: bool = False
    from_file: bool = False
    retries: int = 0
    batch: int | None = None
    recipe: str = FIRST
    pure: bool = False
    listed: bool = False
    refines: bool = False
    gate: bool = False

    @property
    def is_source(self) -> bool:
        return not self.reads

    @property
    def is_fan_out(self) -> bool:
        return any(self.makes.values())


@dataclass
class _Known:
    """What the stages drawn so far offer: the maker of each type, types by domain, the parents of domains.

    `shelf` are the types of the other recipe, each with whether there are many.
    """

    recipe: str = FIRST
    shelf: dict[str, bool] = field(default_factory=dict)
    makers: dict[str, str] = field(default_factory=dict)
    single: list[str] = field(default_factory=list)
    by_domain: dict[str, list[str]] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    @property
    def items(self) -> list[str]:
        """The entity types whose members have texts."""
        return [domain for domain in self.by_domain if domain not in self.groups]

    @property
    def nested(self) -> list[str]:
        return [domain for domain in self.items if self.parents[domain] is not None]

    def above(self, domain: str) -> list[str]:
        """What an entity type is nested in, nearest first."""
        parent = self.parents[domain]
        return [] if parent is None else [parent, *self.above(parent)]

    def read(self, artifact_type: str, many: bool = False, select: str | None = None) -> Read:
        return Read(artifact_type, self.makers[artifact_type], many, select)

    def add(self, stage: Stage) -> None:
        for name, many in stage.makes.items():
            self.makers[name] = stage.id
            if stage.refines:
                continue
            if many:
                self.by_domain[name] = [name]
                self.parents[name] = stage.for_each
            elif stage.for_each:
                self.by_domain[stage.for_each].append(name)
            else:
                self.single.append(name)
        many_types = [name for name, many in stage.makes.items() if many]
        if len(many_types) == 2:
            self.groups[many_types[1]] = many_types[0]


@st.composite
def recipes(draw: st.DrawFn) -> tuple[Stage, ...]:
    """Stages of one to three recipes, in an order in which each reads only what comes before it."""
    stages, shelf = list[Stage](), dict[str, bool]()
    counts = [draw(st.integers(2, 9)), draw(st.sampled_from((0, 0, 1, 2, 4)))]
    counts.append(draw(st.sampled_from((0, 1, 2))) if counts[1] else 0)
    for recipe, count in zip((FIRST, SECOND, THIRD), counts, strict=True):
        known = _Known(recipe, dict(shelf))
        stages += _drawn(draw, known, range(len(stages), len(stages) + count))
        shelf |= {name: name not in known.single for name in known.makers}
    pure = draw(st.sampled_from(("none", "some", "all")))
    listed = counts[1] > 0 and draw(st.booleans())
    gated = draw(st.sampled_from((False, False, False, True)))
    return tuple(
        replace(
            stage,
            pure=pure == "all" or (pure == "some" and draw(st.booleans())),
            listed=listed,
            gate=gated and draw(st.integers(0, 2)) == 0,
        )
        for stage in stages
    )


def _drawn(draw: st.DrawFn, known: _Known, numbers: range) -> list[Stage]:
    stages: list[Stage] = []
    for number in numbers:
        stage = draw(_stages(f"s{number}", known, [each.id for each in stages]))
        known.add(stage)
        stages.append(stage)
    return stages


@st.composite
def _stages(draw: st.DrawFn, name: str, known: _Known, earlier: list[str]) -> Stage:
    kind = draw(st.sampled_from(_kinds(known)))
    makes = {f"t{name}": False}
    for_each = draw(st.sampled_from(_domains(kind, known))) if kind in _FOR_EACH else None
    reads = _reads(draw, kind, known, for_each)
    if kind in ("split", "part") or (kind == "borrow" and draw(st.booleans())):
        makes = _fan_out(draw, name)
    many = any(makes.values())
    refines = kind in ("each", "mix") and len(reads) == 1 and draw(st.integers(0, 2)) == 0
    if refines:
        makes = {reads[0].artifact_type: False}
    if known.shelf and kind in ("each", "mix") and draw(st.booleans()):
        reads.append(_borrowed(draw, known, for_each))
    needs = {each.producer for each in reads}
    free = [each for each in earlier if each not in needs]
    return Stage(
        name,
        tuple(reads),
        makes,
        for_each,
        # Whoever reads what is refined waits for it, so it must not wait for these.
        after=(draw(st.sampled_from(free)),)
        if free and not refines and draw(st.integers(0, 4)) == 0
        else (),
        asks=draw(st.integers(0, 4)) == 0,
        from_file=kind == "source" and draw(st.booleans()),
        retries=draw(st.sampled_from((0, 0, 0, 1, 2))),
        batch=draw(st.sampled_from((None, 1, 2, 3, 9)))
        if for_each and not many and not refines
        else None,
        recipe=known.recipe,
        refines=refines,
    )


#: The kinds of stages that work for each entity of a type.
_FOR_EACH = ("each", "part", "heap", "pick")


def _kinds(known: _Known) -> list[str]:
    if not known.single:
        return ["borrow"] if known.shelf else ["source"]
    kinds = ["mix", "split", "split", *(["borrow"] if known.shelf else [])]
    kinds += ["each", "each", "part", "gather"] if known.items else []
    kinds += ["heap", "heap"] if known.nested else []
    return kinds + (["pick", "pick"] if known.groups else [])


def _domains(kind: str, known: _Known) -> list[str]:
    """The entity types that a stage may work for."""
    if kind == "pick":
        return sorted(known.groups)
    if kind == "heap":
        return list(dict.fromkeys(each for name in known.nested for each in known.above(name)))
    return known.items


def _reads(draw: st.DrawFn, kind: str, known: _Known, for_each: str | None) -> list[Read]:
    def one_of(types: list[str], **more: Any) -> Read:
        return known.read(draw(st.sampled_from(types)), **more)

    if kind == "borrow":
        return [_borrowed(draw, known, None)]
    if kind == "mix":
        chosen = st.lists(st.sampled_from(known.single), min_size=1, max_size=2, unique=True)
        return [known.read(each) for each in draw(chosen)]
    if kind == "split":
        return [one_of(known.single)]
    if kind == "gather":
        return [one_of(known.by_domain[draw(st.sampled_from(known.items))], many=True)]
    if for_each is None:
        return []
    if kind == "pick":
        chosen_types = known.by_domain[known.groups[for_each]]
        return [known.read(for_each), one_of(chosen_types, many=True, select="in_0#/picks")]
    if kind == "heap":
        below = [name for name in known.nested if for_each in known.above(name)]
        return [one_of(known.by_domain[draw(st.sampled_from(below))], many=True)]
    reads = [one_of(known.by_domain[for_each])]
    if kind == "each" and draw(st.booleans()):
        parent = known.parents[for_each]
        reads.append(one_of([*known.single, *(known.by_domain[parent] if parent else [])]))
    return reads


def _borrowed(draw: st.DrawFn, known: _Known, for_each: str | None) -> Read:
    """An artifact of the other recipe, all of a type, or that of the same entity."""
    name = draw(st.sampled_from(sorted(known.shelf)))
    many = known.shelf[name]
    if many and for_each is not None and draw(st.booleans()):
        # Entities of two recipes seldom have the same ids: a required one would end most runs of the second.
        return Read(name, "", optional=True, per_entity=True)
    return Read(name, "", many=many, optional=draw(st.booleans()))


def _fan_out(draw: st.DrawFn, name: str) -> dict[str, bool]:
    makes = {f"i{name}": True}
    if draw(st.booleans()):
        makes[f"g{name}"] = True
    if draw(st.integers(0, 3)) == 0:
        makes[f"x{name}"] = False
    return makes
