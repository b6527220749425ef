"""Snakemake as `cineforge run` starts it: it ends with the command, and workers come from a fork of it all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of threads")

WATCHED = """
import os, signal, time
from cineforge.bridge.process.starter import end_with, unwatched
from cineforge.running.workers.processes.forked_here import is_alone

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under `nohup` it would be by another one
read, write = os.pipe()
end_with(read)
print(is_alone())
with unwatched():
    print(is_alone())
print(is_alone(), flush=True)
os.close(write)
time.sleep(60)
"""

#: A command that goes on as two.
FORKED = """
import atexit, os, signal, sys
from pathlib import Path
from cineforge.bridge.process.forked_child import fork_child, may_fork

def program():
    atexit.register(print, "at its end")
    left = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    is_reset = signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    print(os.read(kept, 1), str(held) in left, is_reset, dict(os.environ))
    sys.exit(7)

held = Path(sys.argv[1], "held")
file = held.open("w")
signal.signal(signal.SIGTERM, lambda *_: None)
kept, write = os.pipe()
os.write(write, b"!")
print("said before")
child = fork_child(program, kept, {"NAME": "value"})
print(may_fork(), child.wait(), child.wait(), signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
killed = fork_child(signal.pause, kept, {})
killed.send_signal(signal.SIGTERM)
print(killed.wait())
"""

#: The process of a run, in which one module is called in the place of all that Snakemake does.
CHILD = """
import sys, types
from pathlib import Path

def snakemake():
    from cineforge.bridge.process.starter import unwatched
    from cineforge.running.workers.pool import WorkerPool
    from cineforge.running.workers.processes.forked_here import fork_server_now
    from tests.running.pool_calls import call

    sys.modules["of Snakemake"] = types.ModuleType("of Snakemake")
    with unwatched():
        fork_server_now()
    pool = WorkerPool()
    print(call(pool, Path(sys.argv[1]), WORKER).failure.partition(" (main.py")[0])
    pool.stop()

WORKER = '''parent = Path(f"/proc/{os.getppid()}/cmdline").read_text()
    raise Exception(["multiprocessing" in parent, "of Snakemake" in sys.modules])
'''

if __name__ == "__main__":
    door = types.ModuleType("cineforge.bridge.snakemake.command_line")
    door.main = snakemake
    sys.modules[door.__name__] = door
    from cineforge.bridge.process.child import main
    main(sys.argv[1:])
"""


def test_a_run_ends_with_the_command_that_began_it() -> None:
    """Also after it was without its watch for a moment, in which it had one thread."""
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("False\nTrue\nFalse\n", "")
    assert ended.returncode == -signal.SIGHUP


def test_a_fork_begins_and_ends_as_a_program_of_its_own_would(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    said = ["said before", "b'!' False True {'NAME': 'value'}", "at its end"]
    assert done.stdout.splitlines() == [*said, "True 7 7 False", "-15"]
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("workers", "has_all"), [("yes", False), ("no", True)])
def test_workers_are_forked_from_the_run_before_it_is_large_where_they_are_surely_needed(
    tmp_path: Path, workers: str, has_all: bool
) -> None:
    root = Path(__file__).parents[2]
    script = tmp_path / "run.py"
    script.write_text(CHILD, encoding="utf-8")
    read, write = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, str(script), str(read), "--directory", workers, str(tmp_path)],
            cwd=root,
            env={"PYTHONPATH": str(root)},
            pass_fds=[read],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(read)
        os.close(write)
    assert (done.stdout, done.stderr) == (f"Exception: [False, {has_all}]\n", "")
