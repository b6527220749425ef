"""`make bench-growth`: what work costs as its amount grows, as ratios per piece: flat is 1.0.

Fan-outs (of a module that returns all members at once, and of one that hands them over one by one), scenes of many
speakers, lineages, and what looks at every version, at several sizes. Tells the CPU time of each command with all that
it started (the time of the clock beside it: it hangs on what else the machine does), and the most memory that its main
process held, and the largest of the others. It takes up to an hour on a busy machine, and 3 GB in a temporary folder
(TMPDIR says where); `--small` some minutes, `--only fan-out` a part.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.store import made_project

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[1]
LOOK_SECONDS = 0.05
FAN_OUTS = (1_000, 10_000, 100_000)
SPEAKERS = (200, 400, 800, 1_500)
PROJECTS = (1_000, 10_000, 100_000)

PARTS = ("fan-out", "speakers", "project")

MANIFEST = """\
module_id: many_v1
stage: many
description: As many members as are asked for.
outputs:
  - {type: piece, many: true}
parameters:
  type: object
  additionalProperties: false
  properties:
    count: {type: integer, minimum: 1, default: 1}
    streamed: {type: boolean, default: false}
"""
MODULE = """\
from cineforge import ModuleResult, Output


def pieces(count):
    for n in range(1, count + 1):
        lines = [{"offset": k, "text": f"line {k}"} for k in range(3)]
        yield f"piece_{n}", Output(data={"title": f"Piece {n}", "lines": lines}, intent="Be one of many.")


def run_module(inputs, params, project_config, context):
    made = pieces(params["count"])
    return ModuleResult(outputs={"piece": made if params["streamed"] else dict(made)})
"""
SCHEMA = """\
{
 "type": "object",
 "required": ["title", "lines"],
 "properties": {
  "title": {"type": "string"},
  "lines": {
   "type": "array",
   "items": {
    "type": "object",
    "required": ["offset", "text"],
    "properties": {"offset": {"type": "integer"}, "text": {"type": "string"}}
   }
  }
 }
}
"""
RECIPE = """\
recipe_id: many
description: One fan-out.
stages:
  - {{id: many, module: many_v1, params: {{count: {count}, streamed: {streamed}}}}}
"""


@dataclass(frozen=True)
class Cost:
    """What a command took, with all that it started."""

    cpu_seconds: float
    seconds: float
    main_mb: float
    other_mb: float


def measured(words: Sequence[str | Path], folder: Path) -> Cost:
    """Run a command that must succeed."""
    began = time.monotonic()
    with (
        subprocess.Popen(
            list(map(str, words)), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process,
        _watched(process.pid) as used,
    ):
        assert process.stderr is not None, "it was asked for"
        said = process.stderr.read()
        _, status, of_all = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(
            f"{' '.join(map(str, words))}: status {process.returncode}\n{said.decode()}"
        )
    cpu = max(of_all.ru_utime + of_all.ru_stime, used.cpu_seconds)
    main = used.peaks.pop(process.pid, 0.0)
    return Cost(cpu, time.monotonic() - began, main, max(used.peaks.values(), default=0.0))


class _Used:
    """The CPU time of each process when it was last seen, and the most memory that it held, in MB."""

    def __init__(self) -> None:
        self.by_pid: dict[int, float] = {}
        self.peaks: dict[int, float] = {}

    @property
    def cpu_seconds(self) -> float:
        return sum(self.by_pid.values())

    def look(self, root: psutil.Process) -> None:
        for process in (root, *root.children(recursive=True)):
            try:
                times = process.cpu_times()
                self.by_pid[process.pid] = times.user + times.system
                held = process.memory_info().rss / 2**20
                self.peaks[process.pid] = max(self.peaks.get(process.pid, 0.0), held)
            except psutil.Error:
                continue


@contextmanager
def _watched(pid: int) -> Iterator[_Used]:
    used, over = _Used(), threading.Event()

    def watch() -> None:
        root = psutil.Process(pid)
        while not over.wait(LOOK_SECONDS):
            try:
                used.look(root)
            except psutil.Error:
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield used
    finally:
        over.set()
        watcher.join()


def fan_out_project(folder: Path, count: int, *, streamed: bool = False) -> Path:
    """A project whose one stage makes so many members, `streamed`: one by one."""
    module = folder / "modules" / "many" / "many_v1"
    module.mkdir(parents=True)
    (module / "module.yaml").write_text(MANIFEST, encoding="utf-8")
    (module / "main.py").write_text(MODULE, encoding="utf-8")
    schemas = folder / "schemas" / "artifacts"
    schemas.mkdir(parents=True)
    (schemas / "piece.schema.json").write_text(SCHEMA, encoding="utf-8")
    (folder / "recipes").mkdir()
    recipe = RECIPE.format(count=count, streamed=str(streamed).lower())
    (folder / "recipes" / "many.yaml").write_text(recipe, encoding="utf-8")
    (folder / "config.yaml").write_text("recipe: many\n", encoding="utf-8")
    return folder


def crowd_project(folder: Path, speakers: int) -> Path:
    """A screenplay of one scene in which so many people speak."""
    lines = ["Title: Crowd", "", "", "INT. HALL - DAY", "", "Everyone talks.", ""]
    for number in range(speakers):
        lines += [f"PERSON N{number}", f"Hello there, number {number}.", ""]
    folder.mkdir(parents=True)
    script = folder / "crowd.fountain"
    script.write_text("\n".join(lines), encoding="utf-8")
    film = folder / "film"
    words: list[str | Path] = [BIN / "cineforge", "init", film, "--recipe", "screenplay"]
    words += ["--story", script]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return film


def report(
    folder: Path, fan_outs: Sequence[int], crowds: Sequence[int], sizes: Sequence[int]
) -> None:
    """Measure and print one table."""
    run: list[str | Path] = [BIN / "snakemake", "--snakefile", ROOT / "Snakefile", "-c2", "all"]
    heads = ("size", "CPU s", "clock s", "main MB", "other MB")
    print(f"{'what':<24} {' '.join(f'{head:>8}' for head in heads)}  CPU for each, as a ratio")
    rows = _Rows()
    for what, streamed in (("fan-out", False), ("fan-out, one by one", True)):
        for count in fan_outs:
            project = fan_out_project(folder / f"{streamed}_{count}", count, streamed=streamed)
            rows.tell(what, count, measured(run, project))
            shutil.rmtree(project)
    for count in crowds:
        film = crowd_project(folder / f"crowd_{count}", count)
        rows.tell("speakers in a scene", count, measured(run, film))
    for size in sizes:
        project = made_project(folder / f"artifacts_{size}", size)
        for words in (["lineage", "script", "--down"], ["verify"], ["reindex"]):
            rows.tell(words[0], size, measured([BIN / "cineforge", *words], project))


class _Rows:
    """Lines of the table; each ratio is to the smallest size of the same."""

    def __init__(self) -> None:
        self._first: dict[str, float] = {}

    def tell(self, what: str, size: int, cost: Cost) -> None:
        each = cost.cpu_seconds / size
        ratio = each / self._first.setdefault(what, each)
        numbers = (cost.cpu_seconds, cost.seconds)
        memory = (cost.main_mb, cost.other_mb)
        columns = " ".join(
            [*(f"{each:>8.1f}" for each in numbers), *(f"{each:>8.0f}" for each in memory)]
        )
        print(f"{what:<24} {size:>8,} {columns}  {ratio:.2f}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the sizes")
    parser.add_argument("--only", choices=PARTS, help="one of the three parts")
    options = parser.parse_args()
    scale = 10 if options.small else 1
    scaled = [
        [size // scale for size in sizes] if options.only in (None, part) else []
        for part, sizes in zip(PARTS, (FAN_OUTS, SPEAKERS, PROJECTS), strict=True)
    ]
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        report(Path(folder), *scaled)
    return 0


if __name__ == "__main__":
    sys.exit(main())
