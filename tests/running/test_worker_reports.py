"""What a module hands back, or does that it said it would not: judged by the run, and nothing of it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.pool import WorkerPool
from tests.running.pool_calls import assert_works, call, pool

__all__ = ["pool"]

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


def test_an_error_that_is_no_utf8_is_told_all_the_same(pool: WorkerPool, tmp_path: Path) -> None:
    report = call(pool, tmp_path, "raise OSError('no file named \\ud800')")
    assert report.failure.startswith(r"OSError: no file named \ud800")
