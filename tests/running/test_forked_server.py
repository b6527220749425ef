"""The server that forks workers is forked from the run: what the run has open, locked or set up is not theirs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of threads")

#: A run, as far as it matters: locks, logs, handlers and an event loop of its own, and one call of a module.
RUN = """
import asyncio, atexit, fcntl, logging, os, signal, sys, threading
from pathlib import Path

# What is registered first comes last: after all that multiprocessing does at its end.
atexit.register(lambda: print(Path("/proc/thread-self/children").read_text().count(" ")))

from cineforge.running.workers.pool import WorkerPool
from cineforge.running.workers.processes.forked_here import end_server, fork_server_now
from tests.running.pool_calls import call

WORKER = '''import gc, logging
    links = Path("/proc/self/fd").iterdir()
    is_open = any(str(each.readlink()) == str(here / "held") for each in links if each.is_symlink())
    parent = Path(f"/proc/{os.getppid()}/cmdline").read_text()
    usual = [signal.getsignal(each) == signal.SIG_DFL for each in (signal.SIGUSR1, signal.SIGHUP)]
    usual.append(gc.get_threshold()[0] < 100000)
    raise Exception([is_open, logging.getLogger("run").handlers, usual, "multiprocessing" in parent])
'''

if __name__ == "__main__":
    here = Path(sys.argv[1])
    held = (here / "held").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    logging.getLogger("run").addHandler(logging.FileHandler(here / "run.log"))
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.signal(signal.SIGHUP, lambda *_: None)

    async def begin():
        fork_server_now()

    if "threads" in sys.argv:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    print("said before", end="")
    asyncio.run(begin())
    pool = WorkerPool()
    print(call(pool, here, WORKER).failure)
    held.close()
    with (here / "held").open("w") as again:
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
    pool.stop()
    end_server()
"""


def ran(text: str, folder: Path, word: str) -> subprocess.CompletedProcess[str]:
    """A script at its end."""
    script = folder / "run.py"
    script.write_text(text, encoding="utf-8")
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, str(script), str(folder), word],
        cwd=root,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(("word", "is_new"), [("alone", False), ("threads", True)])
def test_workers_have_nothing_of_what_the_run_has_open_or_set_up(
    tmp_path: Path, word: str, is_new: bool
) -> None:
    """With threads the server is a new interpreter. It ends, and what watches over semaphores does."""
    done = ran(RUN, tmp_path, word)
    expected = f"said beforeException: [False, [], [True, True, True], {is_new}]"
    told = done.stdout.partition(" (main.py")[0]
    assert (told, done.stdout.splitlines()[-1], done.stderr) == (expected, "0", "")


#: A run that is killed while its workers wait.
KILLED = (
    RUN.partition("    print(call(")[0]
    + """
    call(pool, here, "pass")
    os.kill(os.getpid(), signal.SIGKILL)
"""
)


@pytest.mark.parametrize("word", ["alone", "threads"])
def test_a_killed_run_leaves_no_complaint_of_what_watched_over_its_semaphores(
    tmp_path: Path, word: str
) -> None:
    done = ran(KILLED, tmp_path, word)
    assert (done.returncode, done.stderr) == (-9, "")
