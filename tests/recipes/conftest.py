"""Projects for recipe tests: an empty one, and one with a few modules that write, split, polish and bind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.trim_module import GOOD
from tests.recipes.workshop import Workshop


@pytest.fixture
def empty_shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def shop(empty_shop: Workshop) -> Workshop:
    """draft_v1 -> split_v1 (many piece, many group, one piece_list) -> polish_v1 -> bind_v1; tally_v1 takes any."""
    empty_shop.module(
        "writing",
        "draft_v1",
        outputs=[{"type": "draft"}],
        parameters={
            "properties": {
                "source": {"type": "string", "format": "source-file"},
                "tone": {"enum": ["dry", "warm"], "default": "dry"},
                "copies": {"type": "integer", "minimum": 1},
            }
        },
        resources={"threads": 2, "mem_mb": 500},
    )
    empty_shop.module(
        "splitting",
        "split_v1",
        inputs={"draft": {"type": "draft"}},
        outputs=[
            {"type": "piece", "many": True},
            {"type": "group", "many": True},
            {"type": "piece_list"},
        ],
    )
    empty_shop.module(
        "polishing",
        "polish_v1",
        inputs={"piece": {"type": "piece"}},
        outputs=[{"type": "polished"}],
    )
    empty_shop.module(
        "binding",
        "bind_v1",
        inputs={"pages": {"type": "polished", "many": True}, "index": {"type": "piece_list"}},
        outputs=[{"type": "book"}],
    )
    empty_shop.module(
        "tallying",
        "tally_v1",
        inputs={"thing": {"type": "any"}},
        outputs=[{"type": "tally"}],
    )
    return empty_shop


@pytest.fixture
def trim(empty_shop: Workshop) -> Path:
    """The folder of a module without mistakes."""
    shared = empty_shop.root / "modules" / "shared"
    shared.mkdir(parents=True)
    (shared / "measure.py").write_text("WIDTH = 3\n")
    return empty_shop.module_text("trimming", "trim_v1", GOOD)
