"""The one strict pattern for every name that becomes part of a path, a rule or a record.

Only lower case is allowed, so no two names differ by case alone (some file systems fold case).
A single `_` stands on disk for "no entity" and is therefore never a name.
"""

from __future__ import annotations

import functools
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
_IDENTIFIER_LETTERS = "a lower-case letter, then a-z, 0-9 and '_'"
_ENTITY_LETTERS = (
    "a-z, 0-9, '_' and '-', starting with a letter or digit; '.' joins a parent's id and its own"
)
_RESERVED_STAGES = frozenset({"all", "current", "no_such_target"})


def _require_text(kind: str, value: object, allowed: str) -> str:
    if not isinstance(value, str):
        raise InvalidName(f"{kind} must be text, not {type(value).__name__}: use {allowed}")
    return value


def _check(kind: str, given: object, pattern: re.Pattern[str], allowed: str) -> str:
    value = _require_text(kind, given, allowed)
    if len(value) > MAX_LENGTH:
        raise InvalidName(
            f"{kind} {value[:24]!r}... has {len(value)} characters: use at most {MAX_LENGTH}"
        )
    if not pattern.fullmatch(value):
        raise InvalidName(f"{kind} {value!r} is not a valid name: use {allowed}")
    return value


def check_type(value: object) -> str:
    """Return an artifact type unchanged, or raise InvalidName. `<stage>.members` is a collection's type."""
    name = _require_text("artifact type", value, _IDENTIFIER_LETTERS)
    _check_type(name)
    return name


def check_entity(value: object) -> str:
    """Return an entity id unchanged, or raise InvalidName."""
    name = _require_text("entity id", value, _ENTITY_LETTERS)
    _check_entity(name)
    return name


# The same few names are checked again and again, with every reference that is made. What is refused is not kept.


@functools.lru_cache(maxsize=1024)
def _check_type(name: str) -> None:
    if name.endswith(COLLECTION_SUFFIX):
        check_stage(name.removesuffix(COLLECTION_SUFFIX))
    else:
        _check("artifact type", name, _IDENTIFIER, _IDENTIFIER_LETTERS)


@functools.lru_cache(maxsize=16_384)
def _check_entity(name: str) -> None:
    _check("entity id", name, _ENTITY, _ENTITY_LETTERS)
    if len(name) >= 20 and _PERIODIC.search(name):
        raise InvalidName(f"entity id {name!r} ends in a pattern repeated 20 times: shorten it")


def check_segment(kind: str, value: object) -> str:
    """Return a name without nesting (run ids, recipe ids, own ids) unchanged, or raise InvalidName."""
    return _check(kind, value, _SEGMENT, "a-z, 0-9, '_' and '-', starting with a letter or digit")


def check_stage(value: object) -> str:
    """Return a stage id unchanged, or raise InvalidName; it must also serve as a Snakemake rule name."""
    name = _check("stage id", value, _IDENTIFIER, _IDENTIFIER_LETTERS)
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
