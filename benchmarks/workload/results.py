"""What was measured, as tables: in RESULTS.md, in the README, and as charts."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.workload.charts import growth_chart
from benchmarks.workload.measure import Cost

BARE, PLAIN, RUN = "bare Snakemake", "CineForge, snakemake", "CineForge, cineforge run"
OPERATIONS = {
    "cold": "everything, from nothing",
    "nothing": "nothing to do",
    "edit": "one scene edited",
    "forced": "all analyses forced",
    "one": "one scene edited, and asked for alone",
}
MEMORY = "memory"
MEASURES = {
    "wall": ("Time by the clock", "s"),
    "cpu": ("Processor time, of all processes", "CPU s"),
    MEMORY: ("The most memory, of all processes, everything from nothing", "MiB"),
}
DRAWN = ("cold", "edit", "forced")
BEGIN, END = "<!-- benchmark: written by make bench -->", "<!-- benchmark ends -->"
#: Share of the processors that a machine with nothing to do may have at work.
_IDLE = 0.1


@dataclass
class Results:
    """By operation and size: turns, each of one cost for each way; how `busy` the processors were before, 0 to 1."""

    busy: float
    turns: dict[tuple[str, int], list[dict[str, Cost]]] = field(default_factory=dict)

    def add(self, operation: str, size: int, turn: dict[str, Cost]) -> None:
        self.turns.setdefault((operation, size), []).append(turn)

    def sizes(self) -> list[int]:
        return sorted({size for _, size in self.turns})

    def median(self, operation: str, size: int, way: str, what: str) -> float | None:
        found = [getattr(turn[way], what) for turn in self.turns.get((operation, size), ())]
        return median(found) if found else None

    def ratios(self, operation: str, size: int, way: str, what: str) -> list[float]:
        """To the bare way, turn by turn."""
        return [
            getattr(turn[way], what) / getattr(turn[BARE], what)
            for turn in self.turns.get((operation, size), ())
        ]

    def conditions(self) -> str:
        """The machine, and whether the clock means anything."""
        others = (
            "nothing else was at work"
            if self.busy < _IDLE
            else f"others were at work ({self.busy:.0%} of the processors before it began): the clock means little, and"
            " processor seconds are longer than on an idle machine, so ratios alone mean something"
        )
        return f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}; {others}."


def report(results: Results, command: str, cores: int) -> str:
    parts = [
        "# CineForge against plain Snakemake",
        "",
        "```sh",
        command,
        "```",
        "",
        "A story of N scenes -> script -> breakdown (a fan-out) -> N tiny analyses -> one board, by a hand-written"
        f" Snakefile with plain files (`{BARE}`: no versions, nothing on record, nothing synced), and by CineForge:"
        " medians, and the ratio to the bare one in the same round (lowest to highest of several)."
        f" Each with `-c{cores}`; they took turns; that boards and analyses are the same was checked after each."
        f" {results.conditions()}",
    ]
    for what, (title, _) in MEASURES.items():
        parts += ["", f"## {title}", "", *_table(results, what)]
        for operation in DRAWN if what != MEMORY else ():
            parts += ["", f"![{OPERATIONS[operation]}: {title.lower()}]({_chart(operation, what)})"]
    return "\n".join([*parts, ""])


def _table(results: Results, what: str) -> list[str]:
    unit = MEASURES[what][1]
    ways = (BARE, PLAIN, RUN)
    lines = [
        f"| operation | scenes | rounds | {' | '.join(f'{way}, {unit}' for way in ways)} |",
        "|---|---|---|---|---|---|",
    ]
    rows = {MEMORY: OPERATIONS["cold"]} if what == MEMORY else OPERATIONS
    for operation, title in rows.items():
        for size in results.sizes():
            if rounds := len(results.ratios(operation, size, BARE, what)):
                shown = [_cell(results, operation, size, way, what) for way in ways]
                lines.append(f"| {title} | {size:,} | {rounds} | {' | '.join(shown)} |")
    return lines


def _cell(results: Results, operation: str, size: int, way: str, what: str) -> str:
    value = _number(results.median(operation, size, way, what))
    if way == BARE:
        return value
    ratios = results.ratios(operation, size, way, what)
    spread = f" ({min(ratios):.2f} to {max(ratios):.2f})" if len(ratios) > 1 else ""
    return f"{value}: **{median(ratios):.2f}**{spread}"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def readme_with(results: Results, command: str, text: str) -> str:
    """The README with these results between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"README.md has no '{BEGIN}' and '{END}'")
    lines = [
        f"`{command}`; plain Snakemake / `snakemake` in a project, medians. {results.conditions()}",
        "",
        f"| scenes | | {' | '.join(OPERATIONS.values())} | peak MiB |",
        f"|---|---|{'---|' * (len(OPERATIONS) + 1)}",
    ]
    for size in results.sizes():
        for what, title in (("wall", "s by the clock"), ("cpu", "s of processors")):
            cells = [_pair(results, operation, size, what) for operation in OPERATIONS]
            cells.append(_pair(results, MEMORY, size, MEMORY) if what == "wall" else "")
            lines.append(f"| {size:,} | {title} | {' | '.join(cells)} |")
    return before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after


def _pair(results: Results, operation: str, size: int, what: str) -> str:
    return " / ".join(_number(results.median(operation, size, way, what)) for way in (BARE, PLAIN))


def _chart(operation: str, what: str) -> str:
    return f"charts/{operation}-{'clock' if what == 'wall' else what}.svg"


def draw_charts(results: Results, folder: Path) -> None:
    """What grows with the scenes: by the clock, and in processor time."""
    for operation in DRAWN:
        for what, unit in (("wall", "seconds by the clock"), ("cpu", "CPU seconds")):
            lines = {way: _line(results, operation, way, what) for way in (BARE, PLAIN, RUN)}
            if all(lines.values()):
                chart = growth_chart(f"{OPERATIONS[operation]}: {unit}, by number of scenes", lines)
                path = folder / _chart(operation, what)
                path.parent.mkdir(exist_ok=True)
                path.write_text(chart, encoding="utf-8")


def _line(results: Results, operation: str, way: str, what: str) -> Sequence[tuple[float, float]]:
    values = [(size, results.median(operation, size, way, what)) for size in results.sizes()]
    return [(size, value) for size, value in values if value]
