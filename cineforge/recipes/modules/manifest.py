"""A module's `module.yaml` as a model: which keys there are, and what each may hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from cineforge.model.health import RESERVED_TYPES
from cineforge.model.names import is_collection
from cineforge.model.refs import Strict, TypeName
from cineforge.recipes.reading.fields import InputName, ModuleId, StageId
from cineforge.recipes.reading.resources import ModuleResources

#: An input of this type takes a single type, whichever feeds it.
ANY_TYPE = "any"


def _not_a_collection(value: str) -> str:
    if is_collection(value):
        raise ValueError(f"'{value}' is a collection: name the members' type, with many: true")
    return value


def _output_type(value: str) -> str:
    if value in RESERVED_TYPES or value == ANY_TYPE:
        raise ValueError(f"the type '{value}' is reserved: choose another name")
    return value


ReadableType = Annotated[TypeName, AfterValidator(_not_a_collection)]


class InputEntry(Strict):
    """What a module reads."""

    type: ReadableType = Field(description="an artifact type, or 'any' for whichever type feeds it")
    many: bool = Field(default=False, description="take all members instead of one artifact")
    optional: bool = Field(default=False, description="the module also works without it")
    select: str | None = Field(
        default=None,
        description="<input>#/<pointer>: where another input names the members to take",
    )
    schema_name: str | None = Field(
        default=None, alias="schema", description="the schema that what is read must fit"
    )
    per_entity: bool = Field(
        default=False, description="read from the store: take the artifact of the same entity"
    )


class OutputEntry(Strict):
    """What a module makes."""

    type: Annotated[ReadableType, AfterValidator(_output_type)]
    schema_name: str | None = Field(
        default=None, alias="schema", description="its JSON Schema, if not named like the type"
    )
    many: bool = Field(default=False, description="one artifact for each of many entities")


class CallEstimate(Strict):
    """What one call of a module takes, as far as its author can tell."""

    usd: Annotated[float, Field(ge=0)] | None = Field(default=None, description="US dollars")
    seconds: Annotated[float, Field(ge=0)] | None = None
    members: Annotated[float, Field(ge=0)] | None = Field(
        default=None, description="of a fan-out: how many members a call names, of its first type"
    )


class ModuleFile(Strict):
    """The manifest of a module."""

    module_id: ModuleId = Field(description="the same as the name of the folder")
    stage: StageId = Field(description="the same as the name of the folder above")
    description: str = ""
    inputs: dict[InputName, InputEntry] = Field(default_factory=dict)
    outputs: Annotated[list[OutputEntry], Field(min_length=1)]
    refines: ReadableType | None = Field(
        default=None,
        description="a type that it both reads and makes: what it makes is the next version of what it read",
    )
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="a JSON Schema of type object"
    )
    project_config: list[str] = Field(
        default_factory=list, description="keys of the project configuration that it reads"
    )
    resources: ModuleResources = Field(
        default_factory=dict, description="threads, mem_mb ...: unless the recipe says more"
    )
    helpers: list[str] = Field(
        default_factory=list, description="files of the shared/ folder that main.py imports"
    )
    estimate: CallEstimate = Field(
        default_factory=CallEstimate,
        description="what one call takes: told by plans as long as no call is on record",
    )
    pure: bool = Field(
        default=False,
        description="always makes the same of the same, pays nothing and changes nothing outside: a plan may run it",
    )
