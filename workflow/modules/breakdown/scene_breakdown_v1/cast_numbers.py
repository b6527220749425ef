"""Cast numbers: an element keeps its number from draft to draft, and a vanished one's is given to nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def numbered(
    characters: Mapping[str, Mapping[str, Any]],
    words: Mapping[str, int],
    before: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Rows `{number, id, name}`, ascending; `gone` for those who are no longer in the script.

    New ones come after all numbers ever given: most scenes first, then most words, then by id.
    """
    rows: list[dict[str, Any]] = []
    for row in before:
        known = characters.get(row["id"])
        kept = {
            "number": row["number"],
            "id": row["id"],
            "name": known["name"] if known else row["name"],
        }
        rows.append(kept if known else {**kept, "gone": True})
    has_one = {row["id"] for row in rows}
    number = max((row["number"] for row in rows), default=0)
    fresh = [entity for entity in characters if entity not in has_one]
    fresh.sort(
        key=lambda entity: (-len(characters[entity]["scenes"]), -words.get(entity, 0), entity)
    )
    for entity in fresh:
        number += 1
        rows.append({"number": number, "id": entity, "name": characters[entity]["name"]})
    return sorted(rows, key=lambda row: row["number"])
