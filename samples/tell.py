"""Tells what a finished `screenplay` project holds, and which files to open: python samples/tell.py output/demo"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def load(project: Path, artifact_type: str) -> Any:
    """The payload of the newest version of an artifact of the whole project."""
    return json.loads((project / "current" / artifact_type / "_.json").read_text(encoding="utf-8"))


def attached(project: Path, artifact_type: str) -> list[Path]:
    """The files beside that payload."""
    head = (project / "current" / artifact_type / "_.json").resolve().parent
    return sorted((head / "files").iterdir())


def main() -> None:
    if len(sys.argv) != 2 or not Path(sys.argv[1], "current", "board_page").is_dir():
        sys.exit(
            "usage: python samples/tell.py PROJECT (one on which the screenplay recipe has run)"
        )
    project = Path(sys.argv[1])
    board, schedule = load(project, "strip_board"), load(project, "one_liner")
    page = load(project, "board_page")
    totals = board["totals"]
    print(f"\n{page['title']}")
    print(
        f"scenes {totals['scenes']}, pages {totals['pages']}, characters {page['characters']}, "
        f"locations {page['locations']}, shooting days {schedule['totals']['days']}\n"
    )
    names = {member["id"]: member["name"] for member in board["cast"]}
    for row in board["rows"]:
        cast = ", ".join(names[entity] for entity in row["cast"])
        print(f"{row['number'] or row['ordinal']:>4}  {row['pages']:>6}  {row['heading']}: {cast}")
    print("\nTo print and to open in a spreadsheet:")
    for artifact_type in (
        *("board_page", "breakdown_sheets", "strip_board", "one_liner", "day_out_of_days"),
        *("cross_reference", "exports"),
    ):
        for path in attached(project, artifact_type):
            print(f"  {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    bible = next((project / "current" / "character_bible").glob("*.json"), None)
    if bible:
        print(f"\nWhat a character does, with quotes:\n  {bible}")


if __name__ == "__main__":
    main()
