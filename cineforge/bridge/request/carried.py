"""What `cineforge run` selects and Snakemake has no word for: carried in a file, however much it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cineforge.deciding.instance import Instance
from cineforge.deciding.selection import Pattern, Selection
from cineforge.model.errors import DecisionFailed


@dataclass(frozen=True)
class CarriedSelection:
    """`targets` narrows the `all_<stage>` targets of the stages it touches; `forced` is forced besides the rest."""

    targets: Selection | None = None
    forced: Selection | None = None

    def write(self, path: Path) -> None:
        record = {"targets": _record(self.targets), "forced": _record(self.forced)}
        path.write_text(json.dumps(record), encoding="utf-8")


def read_carried(path: Path | None) -> CarriedSelection:
    """What a file carries; nothing without one. Raises DecisionFailed when it is gone."""
    if path is None:
        return CarriedSelection()
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DecisionFailed(
            f"{path}: the selection of this run cannot be read ({error.strerror}): type the command again"
        ) from error
    return CarriedSelection(_selection(record["targets"]), _selection(record["forced"]))


def _record(selection: Selection | None) -> dict[str, object] | None:
    if selection is None:
        return None
    return {
        "stages": sorted(selection.stages),
        "instances": sorted(selection.instances, key=str),
        "patterns": [
            [each.stage, each.entity, each.emitted] for each in sorted(selection.patterns)
        ],
    }


def _selection(record: dict[str, Any] | None) -> Selection | None:
    if record is None:
        return None
    return Selection(
        frozenset(record["stages"]),
        frozenset(Instance(*each) for each in record["instances"]),
        frozenset(Pattern(*each) for each in record["patterns"]),
    )
