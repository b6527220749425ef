"""The mark of a function that lifts an old payload to a later version of its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Upgrade = Callable[[Any], Any]
_F = TypeVar("_F", bound=Upgrade)

_MARK = "_cineforge_upgrades"


def upgrade(schema: str, old: str, new: str) -> Callable[[_F], _F]:
    """Mark a function of `<schema>.upgrade.py`: it takes a payload of the version `old`, and returns it as of `new`.

    The versions are those that payloads are sealed with: the schema's own `version`, else its `$id`, else its digest.
    """

    def marked(function: _F) -> _F:
        setattr(function, _MARK, (*steps_of(function), (schema, str(old), str(new))))
        return function

    return marked


def steps_of(value: object) -> tuple[tuple[str, str, str], ...]:
    """What a function was marked with: schema, old version, new version; nothing for anything else."""
    found = getattr(value, _MARK, ())
    return found if isinstance(found, tuple) else ()
