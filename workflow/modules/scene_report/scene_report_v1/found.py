"""One finding of an element in a scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .quotes import Lines

_RANKS = {"tag": 3, "note": 2, "capitals": 1, "words": 0}


@dataclass(frozen=True)
class Found:
    """`start` is where in the element's text; `source` is tag, note, capitals or words."""

    category: str
    name: str
    element: Mapping[str, Any]
    start: int
    source: str
    confidence: float

    @property
    def key(self) -> tuple[str, str]:
        """What is found once, however it is spelled."""
        return self.category, " ".join(self.name.casefold().split())

    @property
    def rank(self) -> tuple[int, float]:
        return _RANKS[self.source], self.confidence

    @cached_property
    def _line(self) -> dict[str, Any]:
        return Lines(self.element).at(self.start)

    @property
    def offset(self) -> int:
        offset: int = self._line["offset"]
        return offset

    @property
    def quote(self) -> str:
        quote: str = self._line["text"]
        return quote
