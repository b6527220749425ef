"""`python -m benchmarks.against_snakemake`: CineForge against the same work by plain Snakemake.

A story of N scenes -> script -> breakdown -> N tiny analyses -> one board, three ways: a hand-written Snakefile with
plain files, under the same tuned profile; CineForge by plain `snakemake`; and `cineforge run`. They take turns, so that
a busy machine is as busy for all, and each round another one begins, as the first has the file system wake up for all;
that they did the same work is checked. Every size has one round, and more as long as
they end in the minutes there are. Writes benchmarks/RESULTS.md, charts, and the table of README.md after every round,
and also when it is stopped.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workload.measure import Cost, adopt_orphans, busy_before, cost_of
from benchmarks.workload.places import ROOT, Place, PlainFiles, Project
from benchmarks.workload.results import (
    BARE,
    MEMORY,
    OPERATIONS,
    PLAIN,
    RUN,
    Results,
    draw_charts,
    readme_with,
    report,
)

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
QUICK, LONG = (100, 1_000), (100, 1_000, 5_000, 10_000)
QUICK_MINUTES, LONG_MINUTES = 2.9, 24.0
MOST_ROUNDS = 3


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


def round_of(results: Results, folder: Path, size: int, turns: Sequence[Way]) -> None:
    """Each operation once in each way, by turns."""
    places = {way.name: way.place(folder / way.name, size) for way in turns}
    edited = size // 2
    for number, operation in enumerate(OPERATIONS):
        turn: dict[str, Cost] = {}
        for way in turns:
            place = places[way.name]
            if operation in ("edit", "one"):
                place.edit(edited, number)
            command = list(way.command)
            if operation == "one":
                command.insert(1 if way.name != RUN else 3, way.one.format(edited))
            if operation == "forced":
                command += way.forced
            turn[way.name] = cost_of(command, place.folder)
        require_same(places, size, edited, operation)
        results.add(operation, size, turn)
        took = ", ".join(f"{name} {cost.wall:.1f} s" for name, cost in turn.items())
        print(f"    {OPERATIONS[operation]}: {took}", flush=True)


def memory_of(results: Results, folder: Path, size: int, turns: Sequence[Way]) -> None:
    """The most memory of everything from nothing in each way: a run of its own, as looking at it takes time."""
    turn = {
        way.name: cost_of(way.command, way.place(folder / way.name, size).folder, memory=True)
        for way in turns
    }
    results.add(MEMORY, size, turn)
    took = ", ".join(f"{name} {cost.memory:.0f} MiB" for name, cost in turn.items())
    print(f"    {OPERATIONS['cold']}, once more: {took}", flush=True)


def require_same(places: dict[str, Place], size: int, edited: int, operation: str) -> None:
    """Raise SystemExit when they have not made the same."""
    counts = {name: place.made() for name, place in places.items()}
    contents = {place.analysis(edited) for place in places.values()}
    if operation != "one":  # the board was not asked for
        contents |= {place.board() for place in places.values()}
    if set(counts.values()) != {size} or len(contents) != 1 + (operation != "one"):
        raise SystemExit(f"after '{operation}' of {size} they have not made the same: {counts}")


def measure(
    results: Results,
    sizes: Sequence[int],
    rounds: int,
    minutes: float,
    cores: int,
    after_round: Callable[[], None],
) -> None:
    """One round of each size, and more of those that are likely to end in time.

    `after_round` is called after each, ended or not.
    """
    began, in_turn = time.monotonic(), ways(cores)
    took: dict[int, float] = {}
    # All is removed at the end: ext4 does not use the inodes of removed files again for a minute or more, and whoever
    # makes files meanwhile searches past each of them (thrice the time of everything from nothing was seen).
    with tempfile.TemporaryDirectory(prefix="against-snakemake-") as folder:
        for number in range(rounds):
            # The longest last, as they may be given up; later the longest first, as what is left may do for the others.
            for size in sorted(sizes, reverse=number > 0):
                begin = time.monotonic()
                if begin - began + took.get(size, 0.0) > minutes * 60 and number:
                    print(f"{size:,} scenes: no time left for round {number + 1}", flush=True)
                    continue
                print(f"{size:,} scenes, round {number + 1} of {rounds}", flush=True)
                try:
                    home = Path(folder) / f"{size}.{number}"
                    first = number % len(in_turn)
                    turns = [*in_turn[first:], *in_turn[:first]]
                    round_of(results, home, size, turns)
                    took[size] = time.monotonic() - begin
                    if number == 0:
                        memory_of(results, home / "memory", size, turns)
                finally:
                    if results.turns:
                        after_round()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against_snakemake", description=__doc__
    )
    parser.add_argument("--long", action="store_true", help="up to 10,000 scenes; without it 1,000")
    parser.add_argument("--scenes", type=int, nargs="+", metavar="N", help="these sizes alone")
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="so many of each size, however long they take"
    )
    parser.add_argument("--cores", type=int, default=2, metavar="N")
    parser.add_argument("--dry", action="store_true", help="print the report, and write nothing")
    options = parser.parse_args()
    minutes = LONG_MINUTES if options.long else QUICK_MINUTES
    command = "make bench" if options.long else "make bench-quick"
    if options.scenes or options.rounds:
        command = " ".join(["python -m benchmarks.against_snakemake", *sys.argv[1:]])
    results = Results(busy_before())

    def write_down() -> None:
        if not options.dry:
            text = report(results, command, options.cores)
            (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
            draw_charts(results, HERE)
            readme = ROOT / "README.md"
            text = readme_with(results, command, readme.read_text(encoding="utf-8"))
            readme.write_text(text, encoding="utf-8")

    adopt_orphans()
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # whoever stops it keeps what there is
    stopped = False
    try:
        measure(
            results,
            options.scenes or (LONG if options.long else QUICK),
            options.rounds or MOST_ROUNDS,
            float("inf") if options.rounds else minutes,
            options.cores,
            write_down,
        )
    except KeyboardInterrupt:
        stopped = True
    print(report(results, command, options.cores))
    if stopped:
        print("Stopped before its end: this is what was measured until then.", file=sys.stderr)
    return 130 if stopped else 0


if __name__ == "__main__":
    sys.exit(main())
