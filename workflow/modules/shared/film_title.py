"""What a script's title page says, for all that goes to paper or to other programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def on_title_page(script: Mapping[str, Any], *keys: str) -> str:
    """The values of some keys, on one line."""
    values = {entry["key"]: entry["value"] for entry in script["title_page"]}
    return " ".join(" ".join(values.get(key, "") for key in keys).split())


def film_title(script: Mapping[str, Any]) -> str:
    """`Untitled` for a script without one."""
    return on_title_page(script, "title") or "Untitled"
