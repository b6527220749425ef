"""What single members of a fan-out were made from, as their module says it: `scenes/scene_7`, or all of an input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cineforge.model.metadata import GatheredSet, Parent


class Sources(NamedTuple):
    """The places of some parents in a lineage, and of sets among those that were gathered."""

    parents: tuple[int, ...]
    gathered: tuple[int, ...]


class NamedSources:
    """The parents of a fan-out, and the sets that it gathered, by the names that its module has for them.

    An input's own name stands for all that was read as it, and for which ids there were; `<input>/<entity>` for one of
    its artifacts alone.
    """

    def __init__(self, lineage: Sequence[Parent], gathered: Sequence[GatheredSet]) -> None:
        self._parents: dict[str, list[int]] = {}
        self._gathered: dict[str, list[int]] = {}
        for place, parent in enumerate(lineage):
            self._parents.setdefault(parent.role, []).append(place)
            if parent.ref.entity_id is not None:
                name = source_name(parent.role, parent.ref.entity_id)
                self._parents.setdefault(name, []).append(place)
        for place, each in enumerate(gathered):
            self._gathered.setdefault(each.role, []).append(place)

    def of(self, made_from: Iterable[str]) -> Sources:
        """Where those that a member was made from stand. An optional input that was not there has none."""
        names = list(made_from)
        return Sources(_places(self._parents, names), _places(self._gathered, names))


def source_name(input_name: str, entity: str) -> str:
    """One artifact of an input, as modules name it."""
    return f"{input_name}/{entity}"


def _places(known: dict[str, list[int]], names: list[str]) -> tuple[int, ...]:
    return tuple(sorted({place for name in names for place in known.get(name, ())}))
