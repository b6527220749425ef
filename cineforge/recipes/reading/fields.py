"""The names and values that recipes and manifests share, each with its check."""

from __future__ import annotations

import keyword
import re
from typing import Annotated, Any

from pydantic import Field

from cineforge.model.errors import InvalidName
from cineforge.model.metadata import EDITED_FROM
from cineforge.model.names import MAX_LENGTH, check_segment, check_stage
from cineforge.model.refs import checked_name

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,119}")


def require_identifier(value: str) -> None:
    """Raise InvalidName for what cannot be written bare."""
    if not _IDENTIFIER.fullmatch(value) or keyword.iskeyword(value):
        raise InvalidName(
            f"{value[:120]!r} is not a valid name: use a lower-case letter, then a-z, 0-9 and '_'"
        )


def _check_input_name(value: str) -> None:
    require_identifier(value)
    if value == EDITED_FROM:
        raise InvalidName(f"'{EDITED_FROM}' is the role of human edits: choose another name")


def _like(pattern: str) -> Any:
    """For the generated schemas alone: the checks themselves give better messages."""
    return Field(json_schema_extra={"pattern": pattern, "maxLength": MAX_LENGTH})


StageId = Annotated[str, checked_name(check_stage), _like(r"^[a-z][a-z0-9_]*$")]
RecipeId = Annotated[
    str,
    checked_name(lambda value: check_segment("recipe id", value)),
    _like(r"^[a-z0-9][a-z0-9_\-]*$"),
]
ModuleId = Annotated[
    str,
    checked_name(lambda value: check_segment("module id", value)),
    _like(r"^[a-z0-9][a-z0-9_\-]*$"),
]
InputName = Annotated[str, checked_name(_check_input_name)]
Threads = Annotated[int, Field(ge=1, description="CPU cores that one job of the stage takes")]
