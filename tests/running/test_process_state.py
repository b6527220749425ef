"""What one call changes of its process is as it was at the next, in the same worker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cineforge.recipes.modules.module_code import read_code
from cineforge.running.workers.pool import WorkerPool
from tests.running.pool_calls import call, pool, spec_of

__all__ = ["pool"]

CHANGES = """import builtins
    os.chdir("/")
    os.environ["FILM"] = "changed"
    os.environ.pop("PATH", None)
    os.umask(0o777)
    sys.path.insert(0, "/nowhere")
    sys.setrecursionlimit(5000)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 600)
    builtins.len = lambda _any: 7
    builtins.film = "changed"
"""
TELLS = """mask = os.umask(0o022)
    os.umask(mask)
    raise Exception([
        os.getcwd() == "/", os.environ.get("FILM"), "PATH" in os.environ, mask == 0o777, "/nowhere" in sys.path,
        sys.getrecursionlimit() == 5000,
        signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN, signal.getitimer(signal.ITIMER_REAL)[0] > 0,
        len([]), hasattr(sys.modules["builtins"], "film"),
    ])
"""
UNTOUCHED = [False, None, True, False, False, False, False, False, 0, False]


def told(pool: WorkerPool, folder: Path, body: str) -> str:
    return call(pool, folder, body).failure.partition(" (main.py")[0]


def test_the_next_call_finds_nothing_of_it(pool: WorkerPool, tmp_path: Path) -> None:
    assert told(pool, tmp_path, TELLS) == f"Exception: {UNTOUCHED}"
    worker = (tmp_path / "worker").read_text()
    assert "returned NoneType" in told(pool, tmp_path, CHANGES)
    assert told(pool, tmp_path, TELLS) == f"Exception: {UNTOUCHED}"
    assert (tmp_path / "worker").read_text() == worker, "a worker is kept"


def test_what_its_import_changes_is_there_at_each_call_of_a_module_and_at_no_others(
    pool: WorkerPool, tmp_path: Path
) -> None:
    own = "raise Exception(os.environ.get('FILM'))"
    main = spec_of(tmp_path, own).code.folder / "main.py"
    main.write_text(
        main.read_text().replace("import os,", "import os; os.environ['FILM'] = 'mine'\nimport")
    )
    spec = replace(spec_of(tmp_path, "pass"), code=read_code(main.parent))
    for _ in range(2):
        assert pool.call(spec, None).failure.startswith("Exception: mine")
        assert told(pool, tmp_path, "raise Exception(os.environ.get('FILM'), 2)").startswith(
            "Exception: (None"
        )
