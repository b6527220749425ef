"""`python -m benchmarks.peers --environments FOLDER`: the same work by other tools, in seconds.

Beside plain Snakemake and CineForge: doit, redun, DVC and Dagster, as far as FOLDER has them, each in an environment
named as it is. `make bench-peers` makes these. They take turns; that all have made the same is checked. Writes
benchmarks/PEERS.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.against_snakemake import ways
from benchmarks.peers.peer import Peer
from benchmarks.peers.with_dagster import WithDagster
from benchmarks.peers.with_doit import WithDoit
from benchmarks.peers.with_dvc import WithDvc
from benchmarks.peers.with_redun import WithRedun
from benchmarks.workload.measure import Cost, adopt_orphans, cost_of
from benchmarks.workload.places import Place
from benchmarks.workload.results import BARE, OPERATIONS, PLAIN

PEERS: tuple[type[Peer], ...] = (WithDoit, WithRedun, WithDvc, WithDagster)
ASKED = ("cold", "nothing", "edit", "one")


class Turns:
    """All tools at one size."""

    def __init__(self, folder: Path, size: int, peers: dict[type[Peer], Path]) -> None:
        self._size, self._edited = size, max(1, size // 2)
        self._ways = {way.name: way for way in ways(2) if way.name in (BARE, PLAIN)}
        self._places: dict[str, Place] = {
            name: way.place(folder / name, size) for name, way in self._ways.items()
        }
        for peer, environment in peers.items():
            if size <= peer.most:
                self._places[peer.name] = peer(folder / peer.name, size, environment)

    def take(self, operation: str) -> dict[str, Cost]:
        """What it costs each that can do it. Raises SystemExit when they have not made the same."""
        costs, made = {}, {}
        for name, place in self._places.items():
            command = self._command(name, place, operation)
            if command is None:
                continue
            if operation in ("edit", "one"):
                place.edit(self._edited, len(operation))
            costs[name] = cost_of(command, place.folder)
            board = "" if operation == "one" else place.board()
            made[name] = (place.made(), place.analysis(self._edited), board)
        if len(set(made.values())) != 1 or made[BARE][0] != self._size:
            raise SystemExit(
                f"after '{operation}' of {self._size} they have not made the same: {made}"
            )
        return costs

    def _command(self, name: str, place: Place, operation: str) -> Sequence[str] | None:
        if isinstance(place, Peer):
            return place.command(operation, self._edited)
        way = self._ways[name]
        return (*way.command, *([way.one.format(self._edited)] if operation == "one" else ()))


def version_of(peer: type[Peer], environment: Path) -> str:
    asked = f"import importlib.metadata as m; print(m.version('{peer.name}'))"
    command = [str(environment / "bin" / "python"), "-c", asked]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--environments", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--scenes", type=int, nargs="+", default=[100, 1_000], metavar="N")
    parser.add_argument("--dry", action="store_true", help="print the table, and write nothing")
    options = parser.parse_args()
    found = {peer: options.environments.absolute() / peer.name for peer in PEERS}
    peers = {peer: home for peer, home in found.items() if (home / "bin" / peer.name).exists()}
    for peer in found.keys() - peers.keys():
        print(f"{peer.name} is not in {options.environments}: left out", file=sys.stderr)
    titles = {peer.name: f"{peer.name} {version_of(peer, home)}" for peer, home in peers.items()}
    names = [BARE, PLAIN, *titles]
    lines = [
        "# The same work by other tools",
        "",
        "`make bench-peers`: seconds by the clock, and in brackets of the processors, of one round of turns, with"
        " two cores where a tool can be told. `-`: the tool cannot do it, or takes minutes. The load was"
        f" {os.getloadavg()[0]:.1f} before it began; above 0.5 others were at work, and times are too long.",
        "",
        f"| operation | scenes | {' | '.join(titles.get(name, name) for name in names)} |",
        f"|---|---|{'---|' * len(names)}",
    ]
    adopt_orphans()
    print("\n".join(lines), flush=True)
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        for size in options.scenes:
            turns = Turns(Path(folder) / str(size), size, peers)
            for operation in ASKED:
                costs = turns.take(operation)
                cells = [_cell(costs.get(name)) for name in names]
                lines.append(f"| {OPERATIONS[operation]} | {size:,} | {' | '.join(cells)} |")
                print(lines[-1], flush=True)
                if not options.dry:
                    path = Path(__file__).parent.parent / "PEERS.md"
                    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return 0


def _cell(cost: Cost | None) -> str:
    return f"{cost.wall:.1f} ({cost.cpu:.1f})" if cost else "-"


if __name__ == "__main__":
    sys.exit(main())
