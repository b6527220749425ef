"""Workers die, hang and leave children behind: the next call finds a sound one, and nothing outlives the pool."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessPool
from pebble.common.types import ProcessFuture
from pebble.pool.base_pool import PoolStatus

from cineforge.model.errors import ModuleFailed
from cineforge.recipes.modules.module_code import read_code
from cineforge.running.workers.pool import WorkerPool
from cineforge.running.workers.processes.pool_worker import WorkerInterrupted
from cineforge.running.workers.spec import JobReport, JobSpec, PreviousMembers
from tests.patience import PATIENCE

CODE = """
import os, signal, subprocess, sys, time
from pathlib import Path

def run_module(inputs, params, project_config, context):
    here = Path(params["here"])
    (here / "worker").write_text(str(os.getpid()))
    {body}
"""
#: Starts a program that would sleep for ten minutes, and leaves its pid.
SLEEPER = "(here / 'child').write_text(str(subprocess.Popen(['sleep', '600']).pid)); "


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    found = WorkerPool()
    yield found
    found.stop()


def call(
    pool: WorkerPool,
    folder: Path,
    body: str,
    timeout: float | None = None,
    check: Callable[[JobReport], None] = lambda _report: None,
    *,
    pure: bool = False,
) -> JobReport:
    """Call a module whose code is `body`. It returns nothing, so a sound call reports just that."""
    return pool.call(spec_of(folder, body, pure=pure), timeout, check)


def spec_of(folder: Path, body: str, *, pure: bool = False) -> JobSpec:
    home = folder / f"module_{abs(hash(body))}"
    home.mkdir(exist_ok=True)
    (home / "main.py").write_text(CODE.format(body=body), encoding="utf-8")
    return JobSpec(
        project=folder,
        owner="nobody",
        stage="test",
        entity=None,
        attempt=1,
        code=read_code(home),
        params={"here": str(folder)},
        sources={},
        config={},
        inputs={},
        many_inputs=frozenset(),
        outputs=(),
        previous=PreviousMembers(),
        log=folder / "job.log",
        costs=folder / "costs.jsonl",
        scratch=folder / "scratch" / str(time.monotonic_ns()),
        instrument=False,
        pure=pure,
    )


def assert_works(pool: WorkerPool, folder: Path) -> None:
    assert "returned NoneType" in call(pool, folder, "return None").failure


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
        (SLEEPER + "time.sleep(600)", 0.5, "longer than its timeout of 0.5 seconds"),
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
from tests.running import test_pool
if __name__ == "__main__":
    pool = WorkerPool()
    try:
        print(test_pool.call(pool, Path(sys.argv[1]), sys.argv[2]).failure)
    except test_pool.ModuleFailed as error:
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


#: What would leave a mark if it were unpickled by the run.
TRAP = (
    "mark = str(here / 'mark')\n"
    "    class Trap(str):\n"
    "        def __reduce__(self): return (open, (mark, 'w'))\n"
)


@pytest.mark.parametrize(
    "body",
    [
        "raise type('Odd', (Exception,), {'__reduce__': lambda self: (open, (mark, 'w'))})()",
        "context.log.warning(Trap('hello')); return None",
        "sys.exit(Trap('hello'))",
        "from cineforge import ModuleResult, Output\n"
        "    return ModuleResult(outputs={'test': Output.model_construct(data=1, intent=Trap('x'),"
        " alternatives_considered=(Trap('y'),), files=())})",
        "from cineforge.running.workers import report_data\n"
        "    class Forger:\n"
        "        def dump_json(self, report, **how): return Trap('forged')\n"
        "    report_data._REPORT = Forger()\n"
        "    return None",
        "import pickle, stat\n"
        "    from multiprocessing.connection import Connection\n"
        "    for found in os.listdir('/proc/self/fd'):\n"
        "        try:\n"
        "            is_pipe = stat.S_ISFIFO(os.fstat(int(found)).st_mode)\n"
        "            if is_pipe: Connection(int(found), readable=False).send(Trap('forged'))\n"
        "        except OSError: pass\n"
        "    time.sleep(600)",
    ],
    ids=["raised", "warned", "exit", "returned", "its own report", "into the pipe"],
)
def test_nothing_that_a_module_hands_back_is_run_by_the_run(
    pool: WorkerPool, tmp_path: Path, body: str
) -> None:
    try:
        report = call(pool, tmp_path, TRAP + "    " + body)
    except ModuleFailed:
        pass  # what it wrote into pipes may as well have ended its worker
    else:
        assert all(type(text) is str for text in (report.failure, *report.warnings))
    assert not (tmp_path / "mark").exists()
    assert_works(pool, tmp_path)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "[]",
        '{"made": 1}',
        '{"failure": 7}',
        '{"made": [{"artifact_type": "other", "entity_id": null, "content": "x", "staged": null,'
        ' "said": {"data": null}}]}',
    ],
)
def test_a_report_that_makes_no_sense_is_the_failure_of_its_call(
    pool: WorkerPool, tmp_path: Path, forged: str
) -> None:
    body = (
        "from cineforge.running.workers import report_data\n"
        "    class Forger:\n"
        f"        def dump_json(self, report, **how): return {forged!r}.encode()\n"
        "    report_data._REPORT = Forger()\n"
        "    return None"
    )
    with pytest.raises(ModuleFailed, match="its report"):
        call(pool, tmp_path, body)


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


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("context.record_cost(model='m', estimated_cost_usd=1)", "records the cost of a call"),
        ("import socket; socket.socket().connect(('127.0.0.1', 9))", "reaches for the network"),
        ("import socket; socket.getaddrinfo('localhost', 'http')", "reaches for the network"),
        (
            "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
            "reaches for the network",
        ),
    ],
)
def test_a_pure_module_that_is_none_fails_even_if_it_goes_on(
    pool: WorkerPool, tmp_path: Path, body: str, told: str
) -> None:
    caught = f"try: {body}\n    except Exception: pass"
    for each in (body, caught):
        assert told in call(pool, tmp_path, each, pure=True).failure
        assert told not in call(pool, tmp_path, each).failure  # any other module may


def test_a_pure_module_may_use_sockets_of_the_file_system(pool: WorkerPool, tmp_path: Path) -> None:
    body = f"import socket; socket.socket(socket.AF_UNIX).connect({str(tmp_path / 'none')!r})"
    assert "No such file" in call(pool, tmp_path, body, pure=True).failure
