"""Workers die, hang and leave children behind: the next call finds a sound one, and nothing outlives the pool."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessPool
from pebble.common.types import ProcessFuture
from pebble.pool.base_pool import PoolStatus

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.pool import WorkerPool
from cineforge.running.workers.processes.pool_worker import WorkerInterrupted
from cineforge.running.workers.spec import JobReport
from tests.patience import PATIENCE
from tests.running.pool_calls import assert_works, call, pool, spec_of

__all__ = ["pool"]

#: Starts a program that would sleep for ten minutes, and leaves its pid.
SLEEPER = "(here / 'child').write_text(str(subprocess.Popen(['sleep', '600']).pid)); "


def pid_in(file: Path) -> int:
    deadline = time.monotonic() + PATIENCE
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return int(file.read_text())


def assert_dies(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (
            FileNotFoundError,
            ProcessLookupError,
        ):  # gone before it was opened, or while it was read
            return
        if state == "Z":
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} is still alive")


def test_an_idle_worker_that_was_killed_is_replaced(pool: WorkerPool, tmp_path: Path) -> None:
    assert_works(pool, tmp_path)
    idle = pid_in(tmp_path / "worker")
    os.kill(idle, signal.SIGKILL)
    assert_dies(idle)
    assert_works(pool, tmp_path)
    assert pid_in(tmp_path / "worker") != idle


def test_a_task_that_is_forgotten_in_a_race_is_given_to_another_worker(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when an idle worker is found dead after a task was taken on, and before it was written down."""
    given: list[ProcessPool] = []
    schedule = ProcessPool.schedule

    def forget_the_first(pool: ProcessPool, *args: Any, **options: Any) -> Any:
        given.append(pool)
        if len(given) > 1:
            return schedule(pool, *args, **options)
        pool._check_pool_status()  # type: ignore[no-untyped-call]
        pool._context.status = PoolStatus.ERROR
        return ProcessFuture()

    monkeypatch.setattr(ProcessPool, "schedule", forget_the_first)
    assert_works(pool, tmp_path)
    assert len(given) == 2


def ended(pool: WorkerPool, folder: Path, *bodies: str, go_on: bool = True) -> list[str]:
    """How calls of such modules in one go end."""
    specs = [spec_of(folder, body) for body in bodies]
    reports = folder / "scratch" / "reports"
    found = pool.call_each(specs, reports, lambda _found: None, go_on=go_on)
    return [str(each) if isinstance(each, ModuleFailed) else each.failure for each in found]


def test_a_worker_that_dies_takes_of_many_calls_only_the_one_that_it_was_at(
    pool: WorkerPool, tmp_path: Path
) -> None:
    went_well = "run_module returned NoneType instead of a ModuleResult"
    told = ended(
        pool, tmp_path, "return None", "os.kill(os.getpid(), signal.SIGKILL)", "return None"
    )
    assert told[0] == went_well and "killed by signal 9" in told[1]
    assert len(told) == 2, "the others have not begun"
    assert ended(pool, tmp_path, "return None", "raise ValueError('no')", "return None") == [
        went_well,
        "ValueError: no (main.py:8)",
        went_well,
    ]
    assert len(ended(pool, tmp_path, "raise ValueError('no')", "return None", go_on=False)) == 1


def test_a_run_that_is_stopped_publishes_nothing_of_many_calls(
    pool: WorkerPool, tmp_path: Path
) -> None:
    def stop() -> None:
        pid_in(tmp_path / "worker")
        pool.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    with pytest.raises(WorkerInterrupted):
        ended(pool, tmp_path, "time.sleep(600)", "return None")
    stopping.join()


@pytest.mark.parametrize(
    ("body", "timeout", "message"),
    [
        (SLEEPER + "os.kill(os.getpid(), signal.SIGKILL)", None, "killed by signal 9"),
        (SLEEPER + "os._exit(3)", None, "exit status 3"),
        (SLEEPER + "time.sleep(600)", 3, "longer than its timeout of 3 seconds"),
    ],
    ids=["killed", "exits", "hangs"],
)
def test_what_a_module_started_ends_with_its_worker(
    pool: WorkerPool, tmp_path: Path, body: str, timeout: float | None, message: str
) -> None:
    with pytest.raises(ModuleFailed, match=message):
        call(pool, tmp_path, body, timeout)
    assert_dies(pid_in(tmp_path / "child"))
    assert_dies(pid_in(tmp_path / "worker"))
    assert_works(pool, tmp_path)


def test_a_module_may_end_what_it_forked(pool: WorkerPool, tmp_path: Path) -> None:
    body = (
        "child = os.fork()\n"
        "    if not child: time.sleep(600)\n"
        "    os.kill(child, signal.SIGTERM); os.waitpid(child, 0)"
    )
    assert "returned NoneType" in call(pool, tmp_path, body).failure


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def test_stopping_ends_busy_workers_with_their_children_and_takes_no_more_calls(
    pool: WorkerPool, tmp_path: Path
) -> None:
    thread, raised = in_thread(lambda: call(pool, tmp_path, SLEEPER + "time.sleep(600)"))
    child = pid_in(tmp_path / "child")
    pool.stop()
    thread.join(timeout=PATIENCE)
    assert [type(error) for error in raised] == [WorkerInterrupted]
    assert_dies(child)
    assert_dies(pid_in(tmp_path / "worker"))
    with pytest.raises(WorkerInterrupted):
        call(pool, tmp_path, "return None")


#: Starts a worker as multiprocessing does, and closes its pipe before it is told what to be.
GIVES_UP = """
import os
from multiprocessing import forkserver
from cineforge.recipes.modules.module_code import read_code
from cineforge.running.workers.pool import WorkerPool
if __name__ == "__main__":
    WorkerPool()
    ended, told = forkserver.connect_to_new_process([])
    os.close(told)
    print(forkserver.read_signed(ended) > 0, forkserver.read_signed(ended))
"""


def test_a_worker_that_is_given_up_while_it_starts_says_nothing(tmp_path: Path) -> None:
    script = tmp_path / "gives_up.py"
    script.write_text(GIVES_UP, encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True 1\n", "")


def test_a_worker_that_read_what_was_changed_is_given_up(pool: WorkerPool, tmp_path: Path) -> None:
    """Its module may remember it."""

    def changed(_report: JobReport) -> None:
        raise ModuleFailed("was changed")

    assert_works(pool, tmp_path)
    first = pid_in(tmp_path / "worker")
    with pytest.raises(ModuleFailed, match="was changed"):
        call(pool, tmp_path, "return None", check=changed)
    assert_dies(first)
    assert_works(pool, tmp_path)


#: Forks twice with a session of its own, as daemons do; what is left has no tie to the worker.
DAEMON = (
    "first = os.fork()\n"
    "    if not first:\n"
    "        os.setsid()\n"
    "        if not os.fork():\n"
    "            (here / 'child').write_text(str(os.getpid()))\n"
    "            time.sleep(600)\n"
    "        os._exit(1)\n"
    "    os.waitpid(first, 0)\n"
    "    while not (here / 'child').exists(): time.sleep(0.01)\n"
)
ONE_CALL = """
import sys
from pathlib import Path
from cineforge.running.workers.pool import WorkerPool
from cineforge.model.errors import ModuleFailed
from tests.running.pool_calls import call
if __name__ == "__main__":
    pool = WorkerPool()
    try:
        print(call(pool, Path(sys.argv[1]), sys.argv[2]).failure)
    except ModuleFailed as error:
        print(error)
"""


def run_with_one_call(folder: Path, body: str, **environment: str) -> subprocess.Popen[str]:
    """A process that calls a module and ends."""
    script = folder / "one_call.py"
    script.write_text(ONE_CALL, encoding="utf-8")
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, script, str(folder), body],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": root} | environment,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans over")
@pytest.mark.parametrize("end", ["", "    os.kill(os.getpid(), 9)\n"], ids=["ends", "dies"])
def test_a_daemon_of_a_module_ends_with_the_run(tmp_path: Path, end: str) -> None:
    run_with_one_call(tmp_path, DAEMON + end).communicate()
    assert_dies(pid_in(tmp_path / "child"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans over")
def test_a_daemon_of_a_module_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    run = run_with_one_call(tmp_path, DAEMON + "    time.sleep(600)\n")
    child = pid_in(tmp_path / "child")
    run.kill()
    assert_dies(child)
    assert_dies(pid_in(tmp_path / "worker"))


@pytest.mark.slow
def test_workers_start_where_the_temporary_folder_has_a_very_long_name(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100) / ("y" * 100)
    long.mkdir(parents=True)
    told, _ = run_with_one_call(tmp_path, "return None", TMPDIR=str(long)).communicate()
    assert "returned NoneType" in told


def test_what_keeps_workers_from_starting_is_told(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", refused)
    with pytest.raises(ModuleFailed, match="cannot be started: no more processes"):
        call(pool, tmp_path, "return None")
