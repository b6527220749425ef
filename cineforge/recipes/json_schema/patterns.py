"""Regular expressions of schemas, tried on data for a limited time: one with nested repetition may take years.

Python's own search cannot be stopped from another thread, so these are tried by `regex`, which has a time limit.
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from cineforge.model.errors import CineForgeError
from cineforge.recipes.reading.key_paths import shown

#: All that the patterns of a schema may take of a processor for one payload.
SECONDS = 10.0


class InvalidSchema(CineForgeError):
    """A JSON Schema cannot be used: it refers to what it does not hold, recurses for ever, or takes too long."""


_left: ContextVar[list[float]] = ContextVar("_left")


@contextmanager
def limited() -> Iterator[None]:
    """Give all searches within together the time that one payload has; within another `limited`, what that has left."""
    token = _left.set(_left.get([]) or [SECONDS])
    try:
        yield
    finally:
        _left.reset(token)


def found(pattern: str, text: str) -> bool:
    """Whether a pattern matches anywhere in a text. Within `limited` alone raises InvalidSchema."""
    import regex

    left = _left.get(None)
    if left is None:
        return re.search(pattern, text) is not None
    began = time.thread_time()
    try:
        if left[0] <= 0:
            raise TimeoutError
        return regex.search(pattern, text, timeout=left[0]) is not None
    except TimeoutError:
        raise InvalidSchema(
            f"the pattern {shown(pattern)} takes too long on {shown(text)}:"
            " write it without repetition within repetition, such as (a+)+"
        ) from None
    except regex.error as error:
        raise InvalidSchema(f"the pattern {shown(pattern)} cannot be used: {error}") from None
    finally:
        left[0] -= time.thread_time() - began


class _Limited:
    """Stands in for the module `re` where the library searches."""

    search = staticmethod(found)

    def __getattr__(self, name: str) -> Any:
        return getattr(re, name)


def limit_library() -> None:
    """Have jsonschema search by `found`: five of its keywords do, with no way to say how."""
    for name in ("_keywords", "_legacy_keywords", "_utils"):
        module: Any = importlib.import_module(f"jsonschema.{name}")
        module.re = _Limited()
