"""The recipe file as a model: which keys there are, and what each may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from cineforge.model.refs import Strict, TypeName
from cineforge.recipes.reading.fields import ModuleId, RecipeId, StageId, Threads
from cineforge.recipes.reading.resources import StageResources


class StageEntry(Strict):
    """One step of a recipe."""

    id: StageId = Field(description="names the stage; also the name of its Snakemake rule")
    module: ModuleId = Field(description="the module_id of the code that does the work")
    params: dict[str, JsonValue] = Field(
        default_factory=dict, description="values for the module's parameters; ${variables} allowed"
    )
    needs: list[str] = Field(default_factory=list, description="stages whose outputs are read")
    after: list[str] = Field(default_factory=list, description="stages to wait for, without data")
    for_each: TypeName | None = Field(
        default=None, description="run once for each entity of this type"
    )
    inputs: dict[str, str] = Field(
        default_factory=dict,
        description="input name: the stage or type that feeds it, where several could",
    )
    outputs: dict[str, TypeName] = Field(
        default_factory=dict,
        description="the module's output: what it is called here, so that a module may stand in several stages",
    )
    store_inputs: list[TypeName] = Field(
        default_factory=list, description="types made by another recipe, read from the store"
    )
    optional_store_inputs: list[TypeName] = Field(
        default_factory=list, description="the same, where there may be none yet"
    )
    threads: Threads = 1
    resources: StageResources = Field(
        default_factory=dict, description="Snakemake resources, such as mem_mb"
    )
    retries: Annotated[int, Field(ge=0)] = 0
    priority: int = 0
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="seconds that one attempt may take"
    )
    batch: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="how many instances one job does; by itself the run chooses"
    )
    gate: Literal["approve"] | None = Field(
        default=None,
        description="approve: what reads what it made waits until somebody has confirmed that",
    )
    report: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="show the attached files in Snakemake's report, with this caption"
    )


class RecipeFile(Strict):
    """A recipe: the stages of one way to make artifacts out of others."""

    recipe_id: RecipeId
    description: str = ""
    project: dict[str, JsonValue] = Field(
        default_factory=dict, description="project configuration; ${variables} allowed"
    )
    stages: Annotated[list[StageEntry], Field(min_length=1)]
