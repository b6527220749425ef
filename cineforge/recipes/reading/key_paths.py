"""Places inside parsed files: `stages[2].needs[0]`."""

from __future__ import annotations

import re
from typing import Any

KeyPath = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")


def key_path_text(path: KeyPath) -> str:
    """`("stages", 2, "needs")` as `stages[2].needs`; keys that are not plain words are quoted and escaped."""
    text = ""
    for part in path:
        if isinstance(part, str) and _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text


def shown(value: Any, limit: int = 80) -> str:
    """A value of somebody's file as safe to print: escaped (no terminal codes) and cut to `limit` characters."""
    # Slicing before repr, so that a huge value costs nothing.
    text = repr(value[:limit] if isinstance(value, str) else value)
    return text if len(text) <= limit + 2 else text[:limit] + "..."
