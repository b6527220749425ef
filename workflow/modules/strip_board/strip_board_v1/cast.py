"""The cast of all scenes, with the numbers that the index keeps for them from draft to draft."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any


def cast_of(
    reports: Iterable[Mapping[str, Any]],
    characters: Mapping[str, Mapping[str, Any]],
    numbered: Iterable[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """`{number, id, name, scenes, speeches, words}` of all who are in the reports, by number; names from `characters`.

    `numbered` are the index's numbers. Whoever has none there (a report edited by hand may name somebody whom the
    breakdown does not know) gets the next free one: most scenes first, then most words, then by id.
    """
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, str] = {}
    for report in reports:
        for person in report["characters"]:
            known = characters.get(person["id"], person)
            names[person["id"]] = known["name"]
            sums[person["id"]].update(scenes=1, speeches=person["speeches"], words=person["words"])
    numbers = {member["id"]: member["number"] for member in numbered}
    order = sorted(
        sums, key=lambda entity: (-sums[entity]["scenes"], -sums[entity]["words"], entity)
    )
    free = max(numbers.values(), default=0)
    for entity in order:
        if entity not in numbers:
            free += 1
            numbers[entity] = free
    return [
        {"number": numbers[entity], "id": entity, "name": names[entity], **sums[entity]}
        for entity in sorted(order, key=numbers.__getitem__)
    ]
