"""The order of entity ids where the order of the script must not count."""

from __future__ import annotations


def by_number(entity: str) -> tuple[int, str]:
    """Sorts `scene_2` before `scene_10`."""
    digits = entity.rpartition("_")[2]
    return (int(digits) if digits.isdecimal() else 0, entity)
