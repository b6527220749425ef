"""One draft: its strip board, and the scenes behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Draft:
    """`scene` gives a scene's payload by id; `members`, of a file, are what the next draft is matched with."""

    name: str
    board: Mapping[str, Any]
    scene: Callable[[str], Mapping[str, Any] | None]
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The strips in script order."""
        return list(self.board["rows"])
