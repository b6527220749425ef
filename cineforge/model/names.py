"""The one strict pattern for every name that becomes part of a path, a rule or a record.

Only lower case is allowed, so no two names differ by case alone (some file systems fold case).
A single `_` stands on disk for "no entity" and is therefore never a name.
"""

from __future__ import annotations

import keyword
import re

from cineforge.model.errors import InvalidName

MAX_LENGTH = 120
NO_ENTITY = "_"
COLLECTION_SUFFIX = ".members"

#: An entity id: segments joined by dots, `<parent>.<own>` for nested ones. Used verbatim as a Snakemake constraint.
ENTITY_PATTERN = r"[a-z0-9][a-z0-9_\-]*(?:\.[a-z0-9][a-z0-9_\-]*)*"
#: Version digits in file names: at least four, zero-padded.
VERSION_PATTERN = r"\d{4,9}"

_ENTITY = re.compile(ENTITY_PATTERN)
#: Snakemake takes an id that ends like this for an endless recursion and refuses it.
_PERIODIC = re.compile(r"(.+?)\1{19}$")
_SEGMENT = re.compile(r"[a-z0-9][a-z0-9_\-]*")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED_STAGES = frozenset({"all", "current", "no_such_target"})


def _check(kind: str, value: object, pattern: re.Pattern[str], allowed: str) -> str:
    if not isinstance(value, str):
        raise InvalidName(f"{kind} must be text, not {type(value).__name__}: use {allowed}")
    if len(value) > MAX_LENGTH:
        raise InvalidName(
            f"{kind} {value[:24]!r}... has {len(value)} characters: use at most {MAX_LENGTH}"
        )
    if not pattern.fullmatch(value):
        raise InvalidName(f"{kind} {value!r} is not a valid name: use {allowed}")
    return value


def check_type(value: object) -> str:
    """Return an artifact type unchanged, or raise InvalidName. `<stage>.members` is a collection's type."""
    if isinstance(value, str) and value.endswith(COLLECTION_SUFFIX):
        check_stage(value.removesuffix(COLLECTION_SUFFIX))
        return value
    return _check("artifact type", value, _IDENTIFIER, "a lower-case letter, then a-z, 0-9 and '_'")


def check_entity(value: object) -> str:
    """Return an entity id unchanged, or raise InvalidName."""
    name = _check(
        "entity id",
        value,
        _ENTITY,
        "a-z, 0-9, '_' and '-', starting with a letter or digit; '.' joins a parent's id and its own",
    )
    if len(name) >= 20 and _PERIODIC.search(name):
        raise InvalidName(f"entity id {name!r} ends in a pattern repeated 20 times: shorten it")
    return name


def check_segment(kind: str, value: object) -> str:
    """Return a name without nesting (run ids, recipe ids, own ids) unchanged, or raise InvalidName."""
    return _check(kind, value, _SEGMENT, "a-z, 0-9, '_' and '-', starting with a letter or digit")


def check_stage(value: object) -> str:
    """Return a stage id unchanged, or raise InvalidName; it must also serve as a Snakemake rule name."""
    name = _check("stage id", value, _IDENTIFIER, "a lower-case letter, then a-z, 0-9 and '_'")
    if keyword.iskeyword(name) or name in _RESERVED_STAGES or name.startswith(("all_", "current_")):
        raise InvalidName(f"stage id {name!r} is reserved: choose another name")
    return name


def is_collection(artifact_type: str) -> bool:
    """True for the type of a fan-out's collection."""
    return artifact_type.endswith(COLLECTION_SUFFIX)


def collection_type(stage: str) -> str:
    """The type of the collection that the fan-out stage `stage` emits."""
    return f"{stage}{COLLECTION_SUFFIX}"


def parent_of(entity: str) -> str | None:
    """The id of the entity that a nested id hangs under, or None for a top-level one."""
    head, dot, _ = entity.rpartition(".")
    return head if dot else None
