"""The elements of small Fountain texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.modules.module_bench import ingest

HEAD = "INT. HOUSE - DAY\n\n"


def elements(tmp_path: Path, text: str) -> list[tuple[Any, ...]]:
    return [(e["type"], e["text"], e["line"]) for e in ingest(tmp_path, text)["elements"]]
