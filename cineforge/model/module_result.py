"""What a module's `run_module` hands back."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from cineforge.model.metadata import Source


class Output(BaseModel):
    """One artifact: its payload (plain JSON), why it is as it is, the names of files attached through the context."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Any
    intent: str = ""
    rationale: str = ""
    alternatives_considered: tuple[str, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    source: Source = Source.AI
    files: tuple[str, ...] = ()


class ModuleResult(BaseModel):
    """Outputs by artifact type: one `Output`, or for a type that the manifest marks `many`, outputs by entity id.

    In a nested fan-out the ids are the members' own (`shot_1`); the parent's id is put before them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    outputs: dict[str, Output | dict[str, Output]]
