"""Who or what is together in how many scenes, from rows of scene reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from .entity_order import by_number


class Together:
    """Collects ids with their names and scenes; what is in most scenes comes first."""

    def __init__(self) -> None:
        self._names: dict[str, Counter[str]] = defaultdict(Counter)
        self._scenes: dict[str, set[str]] = defaultdict(set)
        self._sums: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, entity: str, name: str, scene: str, **amounts: int) -> None:
        """Count a scene, and add amounts (speeches, words ...) to the entity's sums."""
        self._names[entity][name] += 1
        self._scenes[entity].add(scene)
        self._sums[entity].update(amounts)

    def rows(self) -> list[dict[str, Any]]:
        """`{id, name, scenes, ...sums}`; of several spellings the most frequent."""
        return [
            {
                "id": entity,
                "name": min(names, key=lambda name: (-names[name], name)),
                "scenes": self.scenes_of(entity),
                **self._sums[entity],
            }
            for entity, names in sorted(
                self._names.items(), key=lambda item: (-len(self._scenes[item[0]]), item[0])
            )
        ]

    def scenes_of(self, entity: str) -> list[str]:
        return sorted(self._scenes[entity], key=by_number)


def sums(rows: Iterable[dict[str, Any]], *fields: str) -> dict[str, int]:
    """The sum of each field over rows."""
    kept = list(rows)
    return {field: sum(row[field] for row in kept) for field in fields}
