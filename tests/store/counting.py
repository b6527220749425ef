"""How often a piece of work asks the system and SQLite for something."""

from __future__ import annotations

import gc
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cineforge.store import ArtifactStore
from cineforge.store.disk import barrier


class Counted(Counter[str]):
    """How often each kind of work was done."""


@contextmanager
def counted(store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    """Counts what this thread does; what finalizers of earlier tests do, such as removing a folder, is none of it."""
    found = Counted()
    this_thread = threading.get_ident()

    def counting(kind: str, work: Any) -> Any:
        def counted_work(*given: Any, **named: Any) -> Any:
            found[kind] += threading.get_ident() == this_thread
            return work(*given, **named)

        return counted_work

    with monkeypatch.context() as patch:
        for module, name, kind in (
            (os, "lstat", "looks"),
            (os, "stat", "looks"),
            (os, "open", "files opened"),
            (os, "fsync", "syncs"),
            (barrier, "_syncfs", "syncs of all"),
        ):
            patch.setattr(module, name, counting(kind, getattr(module, name)))
        store._index.read(
            lambda db: db.set_trace_callback(lambda _: found.update(["SQL statements"]))
        )
        gc.collect()
        gc.disable()
        try:
            yield found
        finally:
            gc.enable()
        store._index.read(lambda db: db.set_trace_callback(None))
