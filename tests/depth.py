"""How much the property tests try: `make test-deep` tries ten times as much as `make test`."""

from __future__ import annotations

import os


def examples(count: int) -> int:
    """How many examples to try, where `make test` tries `count`."""
    return count * int(os.environ.get("CINEFORGE_TEST_DEPTH", "1"))
