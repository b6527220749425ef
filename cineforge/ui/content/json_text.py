"""JSON as people write it, and as they are shown it."""

from __future__ import annotations

import json
from typing import Any

from cineforge.model.display.visible import visible
from cineforge.model.errors import InvalidPayload
from cineforge.recipes.reading.json_objects import unique_keys


def shown_json(value: Any) -> str:
    """A value as indented JSON; what a screen would not show is written out, so it stays the same value."""
    return visible(json.dumps(value, indent=2, ensure_ascii=False))


def read_json(text: str) -> Any:
    """The value that a text holds. Raises InvalidPayload with the line."""
    try:
        return json.loads(text, object_pairs_hook=unique_keys)
    except json.JSONDecodeError as error:
        raise InvalidPayload(f"line {error.lineno}: not valid JSON: {error.msg}") from None
    except RecursionError:
        raise InvalidPayload("nested too deeply: use fewer levels") from None
    except ValueError as error:
        # Of a number with thousands of digits Python goes on to name a function that would allow it.
        raise InvalidPayload(str(error).partition(";")[0]) from None
