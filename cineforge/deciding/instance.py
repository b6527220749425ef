"""An instance: one stage at work for one entity, or for the project."""

from __future__ import annotations

from typing import NamedTuple


class Instance(NamedTuple):
    stage: str
    entity: str | None = None

    def __str__(self) -> str:
        return self.stage if self.entity is None else f"{self.stage}/{self.entity}"
