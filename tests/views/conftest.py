"""A finished film of two scenes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.film import Film


@pytest.fixture
def film(tmp_path: Path) -> Iterator[Film]:
    film = Film(tmp_path)
    script = film.script(1)
    film.breakdown(script, {"s1": "one", "s2": "two"})
    film.report("s1")
    film.report("s2")
    film.board("s1", "s2")
    yield film
    film.store.close()
