"""What a module's `run_module` hands back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, InstanceOf

from cineforge.model.errors import ModuleFailed, suggestion
from cineforge.model.metadata import Source


class Output(BaseModel):
    """One artifact: its payload (plain JSON), why it is as it is, the names of files attached through the context.

    Without a `source`, `code` made it where the module is `pure: true`, and else `ai`. In a fan-out, `made_from` says
    of which inputs this one was made: `<input>`, or `<input>/<entity>` for one artifact of it. What is not named there
    makes it not stale.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Any
    intent: str = ""
    rationale: str = ""
    alternatives_considered: tuple[str, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    source: Source | None = None
    files: tuple[str, ...] = ()
    made_from: tuple[str, ...] | None = None


class ModuleResult(BaseModel):
    """Outputs by artifact type: one `Output`, or for a type that the manifest marks `many`, outputs by entity id.

    In a nested fan-out the ids are the members' own (`shot_1`); the parent's id is put before them. Members may also
    come from an iterator of such pairs, a generator for instance: then no more than one of them is held at a time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    outputs: Mapping[str, Output | dict[str, Output] | InstanceOf[Iterator[tuple[str, Output]]]]

    def one(self, artifact_type: str) -> Output:
        """The one output of a type. Raises ModuleFailed where there is none, or many."""
        made = self._made(artifact_type)
        if not isinstance(made, Output):
            raise ModuleFailed(f"there are many '{artifact_type}': ask for them by many()")
        return made

    def many(self, artifact_type: str) -> dict[str, Output]:
        """The outputs of a type by entity id. Raises ModuleFailed where there is none, or just one.

        An iterator of members is used up by that.
        """
        made = self._made(artifact_type)
        if isinstance(made, Output):
            raise ModuleFailed(f"there is one '{artifact_type}': ask for it by one()")
        return made if isinstance(made, dict) else dict(made)

    def _made(
        self, artifact_type: str
    ) -> Output | dict[str, Output] | Iterator[tuple[str, Output]]:
        try:
            return self.outputs[artifact_type]
        except KeyError:
            hint = suggestion(artifact_type, list(self.outputs))
            raise ModuleFailed(f"there is no output '{artifact_type}': {hint}") from None
