"""What the small inputs in `cases/` are read as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.modules.module_bench import breakdown, read_script

CASES = Path(__file__).with_name("cases")


def script_of(name: str) -> dict[str, Any]:
    return read_script(next(CASES.glob(f"{name}.*")))


def made_of(name: str) -> dict[str, Any]:
    return breakdown(script_of(name))


def names(made: dict[str, Any]) -> list[str]:
    return sorted(payload["name"] for payload in made["character"].values())


def slugs(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [made["scene"][row["id"]]["slug"] for row in made["scene_index"]["scenes"]]


def speaking(made: dict[str, Any], scene: str) -> list[list[str]]:
    return [e["speakers"] for e in made["scene"][scene]["elements"] if e["type"] == "character"]
