"""`python -m benchmarks.against_snakemake`: CineForge against the same work by plain Snakemake, in ratios.

A story of N scenes -> script -> breakdown -> N tiny analyses -> one board, three ways: a hand-written Snakefile with
plain files, under the same tuned profile; CineForge by plain `snakemake`; and `cineforge run`. They take turns, so that
a busy machine is as busy for all; that they did the same work is checked. Writes benchmarks/RESULTS.md and charts.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.workload.charts import growth_chart
from benchmarks.workload.measure import Cost, adopt_orphans, cost_of
from benchmarks.workload.places import Place, PlainFiles, Project

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
BARE, PLAIN, RUN = "bare Snakemake", "CineForge, snakemake", "CineForge, cineforge run"
OPERATIONS = {
    "cold": "everything, from nothing",
    "nothing": "nothing to do",
    "edit": "one scene edited",
    "forced": "all analyses forced",
    "one": "one scene edited, and asked for alone",
}
QUICK, LONG = (100, 1_000), (100, 1_000, 5_000, 10_000)


@dataclass(frozen=True)
class Way:
    """One way to have the work done: a kind of folder, and a command; `one` asks for an analysis alone."""

    name: str
    place: Callable[[Path, int], Place]
    command: tuple[str, ...]
    forced: tuple[str, ...]
    one: str


def ways(cores: int) -> list[Way]:
    snakemake = (str(BIN / "snakemake"), f"-c{cores}")
    forced = ("--forcerun", "analysis")
    one = "current/analysis/scene_{}.json"
    return [
        Way(
            BARE,
            PlainFiles,
            (*snakemake, "--force-use-threads"),
            forced,
            "analysis/scene_{}.json",
        ),
        Way(PLAIN, Project, snakemake, forced, one),
        Way(RUN, Project, (str(BIN / "cineforge"), "run", "work", f"-c{cores}"), forced, one),
    ]


@dataclass
class Results:
    """All that was measured: by operation, size and way, in the order of the rounds."""

    costs: dict[tuple[str, int, str], list[Cost]] = field(default_factory=dict)

    def add(self, operation: str, size: int, way: str, cost: Cost) -> None:
        self.costs.setdefault((operation, size, way), []).append(cost)

    def ratios(self, operation: str, size: int, way: str, what: str) -> list[float]:
        """To the bare way, round by round."""
        return [
            getattr(own, what) / getattr(bare, what)
            for own, bare in zip(
                self.costs.get((operation, size, way), ()),
                self.costs.get((operation, size, BARE), ()),
                strict=False,
            )
        ]


def round_of(results: Results, folder: Path, size: int, cores: int) -> None:
    """Each operation once in each way, by turns; the last cold one also tells the memory."""
    places = {way.name: way.place(folder / way.name, size) for way in ways(cores)}
    edited = size // 2
    for number, operation in enumerate(OPERATIONS):
        for way in ways(cores):
            place = places[way.name]
            if operation in ("edit", "one"):
                place.edit(edited, number)
            command = list(way.command)
            if operation == "one":
                command.insert(1 if way.name != RUN else 3, way.one.format(edited))
            if operation == "forced":
                command += way.forced
            is_cold = operation == "cold"
            results.add(operation, size, way.name, cost_of(command, place.folder, memory=is_cold))
        require_same(places, size, edited, operation)
    shutil.rmtree(folder)


def require_same(places: dict[str, Place], size: int, edited: int, operation: str) -> None:
    """Raise SystemExit when they have not made the same."""
    counts = {name: place.made() for name, place in places.items()}
    contents = {place.analysis(edited) for place in places.values()}
    if operation != "one":  # the board was not asked for
        contents |= {place.board() for place in places.values()}
    if set(counts.values()) != {size} or len(contents) != 1 + (operation != "one"):
        raise SystemExit(f"after '{operation}' of {size} they have not made the same: {counts}")


def measure(
    sizes: Sequence[int],
    rounds: Callable[[int], int],
    cores: int,
    told: Callable[[Results, Sequence[int]], None],
) -> Results:
    """`told` gets all there is whenever a size is done: the large ones take long, and may be given up."""
    adopt_orphans()
    results = Results()
    with tempfile.TemporaryDirectory(prefix="against-snakemake-") as folder:
        for size in sizes:
            for number in range(rounds(size)):
                print(f"{size} scenes, round {number + 1} of {rounds(size)}", flush=True)
                round_of(results, Path(folder) / f"{size}.{number}", size, cores)
            told(results, sorted(sizes[: sizes.index(size) + 1]))
    return results


def table(results: Results, sizes: Sequence[int], what: str) -> list[str]:
    """Median ratios with the lowest and the highest, and the bare way's own cost."""
    unit = {"cpu": "CPU s", "wall": "s", "memory": "MiB"}[what]
    lines = [f"| operation | scenes | {BARE}, {unit} | {PLAIN} | {RUN} |", "|---|---|---|---|---|"]
    for operation, told in OPERATIONS.items():
        if what == "memory" and operation != "cold":
            continue
        for size in sizes:
            bare = [getattr(each, what) for each in results.costs[operation, size, BARE]]
            shown = [_spread(results.ratios(operation, size, way, what)) for way in (PLAIN, RUN)]
            lines.append(f"| {told} | {size:,} | {median(bare):.1f} | {' | '.join(shown)} |")
    return lines


def _spread(ratios: Sequence[float]) -> str:
    return f"**{median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"


def report(results: Results, sizes: Sequence[int], command: str, cores: int) -> str:
    return "\n".join(
        [
            "# CineForge against plain Snakemake",
            "",
            "```sh",
            command,
            "```",
            "",
            "A story of N scenes -> script -> breakdown (a fan-out) -> N tiny analyses -> one board, by a hand-written"
            f" Snakefile with plain files (`{BARE}`: no versions, nothing on record, nothing synced), and by CineForge."
            " Numbers are ratios to the bare one in the same round: median (lowest to highest). They took turns; that"
            " boards and analyses are the same was checked."
            f" {os.cpu_count()} processors ({platform.machine()}), `-c{cores}`, Python {platform.python_version()};"
            f" the load was {os.getloadavg()[2]:.0f} in the last quarter of an hour, so ratios alone mean something.",
            "",
            "## Processor time, of all processes",
            "",
            *table(results, sizes, "cpu"),
            "",
            "![CPU time of everything from nothing](charts/cold.svg)",
            "",
            "![CPU time of one scene edited](charts/edit.svg)",
            "",
            "## Time by the clock",
            "",
            *table(results, sizes, "wall"),
            "",
            "## The most memory, of all processes",
            "",
            *table(results, sizes, "memory"),
            "",
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against_snakemake", description=__doc__
    )
    parser.add_argument("--long", action="store_true", help="up to 10,000 scenes; without it 1,000")
    parser.add_argument("--scenes", type=int, nargs="+", metavar="N", help="these sizes alone")
    parser.add_argument("--rounds", type=int, metavar="N", help="of each size")
    parser.add_argument("--cores", type=int, default=2, metavar="N")
    parser.add_argument("--dry", action="store_true", help="print the report, and write nothing")
    options = parser.parse_args()
    sizes = tuple(options.scenes or (LONG if options.long else QUICK))

    def rounds(size: int) -> int:
        return int(options.rounds or (3 if size <= 1_000 else 1))

    command = "make bench" if options.long else "make bench-quick"
    if options.scenes or options.rounds:
        command = " ".join(["python -m benchmarks.against_snakemake", *sys.argv[1:]])

    def told(results: Results, done: Sequence[int]) -> None:
        text = report(results, done, command, options.cores)
        print(text, flush=True)
        if not options.dry:
            (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
            draw_charts(results, done)

    measure(sizes, rounds, options.cores, told)
    return 0


def draw_charts(results: Results, sizes: Sequence[int]) -> None:
    charts = HERE / "charts"
    charts.mkdir(exist_ok=True)
    for operation in ("cold", "edit"):
        lines = {
            way: [
                (size, median(each.cpu for each in results.costs[operation, size, way]))
                for size in sizes
            ]
            for way in (BARE, PLAIN, RUN)
        }
        chart = growth_chart(f"{OPERATIONS[operation]}: CPU seconds by scenes", lines)
        (charts / f"{operation}.svg").write_text(chart, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
