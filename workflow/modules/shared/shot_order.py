"""The shots of a scene in the order of its shot list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cineforge import ModuleFailed


def in_order(
    shot_list: Mapping[str, Any], shots: Mapping[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """Ids with payloads. Raises ModuleFailed when the list names a shot that does not exist."""
    found = []
    for shot_id in shot_list["shots"]:
        if shot_id not in shots:
            raise ModuleFailed(
                f"the shot list names {shot_id}, which is no shot: take it out of the list,"
                " or release the list so that it can be made anew"
            )
        found.append((shot_id, shots[shot_id].data))
    return found
