"""A recipe after all checks: every stage with its module, its filled parameters, and where each input comes from.

Only data; deciding and compiling read it, nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from pydantic import JsonValue

from cineforge.model.names import collection_type
from cineforge.recipes.json_schema.schema_check import ReadSchema
from cineforge.recipes.modules.module_code import ModuleFiles, PythonCode


class Reach(StrEnum):
    """Which entities of its type an input takes, seen from one instance of its stage."""

    PROJECT = "project"  # the one artifact without an entity
    SAME = "same"  # the artifact of the instance's own entity
    PARENT = "parent"  # the artifact of an entity that the instance's own is nested in
    ALL = "all"  # of every member of the domain
    CHILDREN = (
        "children"  # of every member of the domain that is nested in the instance's own entity
    )
    SELECTED = "selected"  # of the entities named by another input, at a JSON pointer


@dataclass(frozen=True)
class Selector:
    """`<input>#<pointer>`: the JSON pointer, in that input's payload, of a list of entity ids."""

    input: str
    pointer: str


@dataclass(frozen=True)
class Upgrades:
    """The functions that lift old payloads to what a schema, `rules`, is now: their file, and its bytes as read."""

    file: Path
    source: bytes = field(repr=False)
    digest: str
    rules: ReadSchema


@dataclass(frozen=True)
class ResolvedInput:
    """One input of a stage. `producer` is the stage that makes the type, or None when the store alone has it.

    What another recipe makes is read as the store has it, `stored`; `producer` is its stage there, where the two
    recipes are known together. `upgrades` lift what it has of an older version of the type's schema.

    `domain` is the entity type whose members are taken (None for Reach.PROJECT); `fan_out` the stage of this
    recipe that names that domain's members, or None when the store alone knows them (store inputs).
    """

    name: str
    artifact_type: str
    reach: Reach
    producer: str | None
    domain: str | None = None
    fan_out: str | None = None
    selector: Selector | None = None
    optional: bool = False
    stored: bool = False
    upgrades: Upgrades | None = None

    @property
    def many(self) -> bool:
        return self.reach in (Reach.ALL, Reach.CHILDREN, Reach.SELECTED)


@dataclass(frozen=True)
class OutputSpec:
    """One output type of a stage, and the JSON Schema that its payloads are checked with, as it was read.

    `called` is the module's own name for it, where the recipe gives it another. `upgrades` lift what is of an older
    version of the schema.
    """

    artifact_type: str
    rules: ReadSchema
    many: bool = False
    called: str = ""
    upgrades: Upgrades | None = None

    @property
    def schema(self) -> str:
        """The schema's name."""
        return self.rules.name

    @property
    def schema_digest(self) -> str:
        return self.rules.digest


@dataclass(frozen=True)
class Module:
    """The code of a stage as it was read. `code_digest` covers every file of the folder and declared helpers, but for
    what the manifest estimates."""

    module_id: str
    folder: Path
    code: PythonCode
    files: ModuleFiles
    helpers: tuple[Path, ...] = ()
    source_params: tuple[str, ...] = ()
    optional_sources: frozenset[str] = frozenset()
    config_keys: tuple[str, ...] = ()
    pure: bool = False
    estimated_usd: float | None = None
    estimated_seconds: float | None = None
    estimated_members: float | None = None

    @property
    def code_digest(self) -> str:
        return self.code.digest


@dataclass(frozen=True)
class RuleOptions:
    """What Snakemake offers per rule. `timeout` is seconds per attempt, enforced by the job runner.

    `batch`: how many instances one job does; None where the run may choose.
    """

    threads: int = 1
    retries: int = 0
    priority: int = 0
    resources: Mapping[str, int | str] = field(default_factory=dict)
    timeout: float | None = None
    batch: int | None = None


@dataclass(frozen=True)
class Domain:
    """An entity type: the fan-out stage that names its members, and the entity type they are nested in."""

    entity_type: str
    stage: str
    parent: str | None = None


@dataclass(frozen=True)
class ResolvedStage:
    """A stage with all that its instances have in common.

    `config` is what the module gets to see of the project's configuration.
    `absent_inputs` are the module's optional inputs that nothing feeds, each with whether it takes many: the
    module gets None for them, or no members. `report`: the caption of its attached files in Snakemake's report.
    `refines`: the type of which it makes the next version, out of the one before. `is_gate`: what reads what it made
    waits until somebody has confirmed that.
    """

    id: str
    module: Module
    params: Mapping[str, JsonValue]
    inputs: tuple[ResolvedInput, ...]
    outputs: tuple[OutputSpec, ...]
    for_each: str | None = None
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    options: RuleOptions = field(default_factory=RuleOptions)
    config: Mapping[str, JsonValue] = field(default_factory=dict)
    absent_inputs: Mapping[str, bool] = field(default_factory=dict)
    report: str | None = None
    refines: str | None = None
    is_gate: bool = False

    @cached_property
    def is_fan_out(self) -> bool:
        return any(output.many for output in self.outputs)

    @property
    def ticket_mark(self) -> str:
        """What its tickets bear beside the number: another stage makes the very artifact that it refines."""
        return self.id if self.refines else ""

    @cached_property
    def ticket_types(self) -> tuple[str, ...]:
        """The artifact types whose tickets are the rule's declared outputs: a fan-out's is its collection alone."""
        if self.is_fan_out:
            return (collection_type(self.id),)
        return tuple(output.artifact_type for output in self.outputs)


@dataclass(frozen=True)
class ResolvedRecipe:
    """Stages in topological order (ties in recipe order). `makers` maps each artifact type to the stage of its heads.

    Where a type is refined, that is the last to do so; `refiners` has all of them, in their order, and `begun_by` the
    stage that they begin with, unless another recipe or a person does.

    `secrets` are the texts that the variables hold and no record may: keys, passwords. Several recipes of a project
    may be one: `parts` are these, and `only` the one that is asked for, of whose stages the others make what they read.
    """

    recipe_id: str
    description: str
    stages: Mapping[str, ResolvedStage]
    domains: Mapping[str, Domain]
    makers: Mapping[str, str]
    project: Mapping[str, JsonValue]
    digest: str
    file: Path | None = None
    secrets: frozenset[str] = frozenset()
    refiners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    begun_by: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[ResolvedRecipe, ...] = ()
    only: str | None = None

    @property
    def recipes(self) -> tuple[ResolvedRecipe, ...]:
        """The recipes that this one is made of: itself, unless it is several."""
        return self.parts or (self,)

    @property
    def asked(self) -> Mapping[str, ResolvedStage]:
        """The stages that are asked for where nothing narrower is said."""
        if self.only is None:
            return self.stages
        own = next(part.stages for part in self.parts if part.recipe_id == self.only)
        return {name: stage for name, stage in self.stages.items() if name in own}

    @property
    def title(self) -> str:
        """What messages call it."""
        if self.only is not None or not self.parts:
            return f"the recipe '{self.only or self.recipe_id}' makes"
        names = " and ".join(f"'{part.recipe_id}'" for part in self.parts)
        return f"the recipes {names} make"

    @cached_property
    def has_gates(self) -> bool:
        """Whether anything has to be approved before it is read."""
        return any(stage.is_gate for stage in self.stages.values())

    def upstream(self, stage_id: str) -> set[str]:
        """Every stage that `stage_id` needs or waits for, direct and transitive."""
        found: set[str] = set()
        pending = [stage_id]
        while pending:
            stage = self.stages[pending.pop()]
            for other in (*stage.needs, *stage.after):
                if other not in found:
                    found.add(other)
                    pending.append(other)
        return found
