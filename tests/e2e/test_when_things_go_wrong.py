"""Failures, kills and mistakes: one clear message, nothing published changed, and the next command just works."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.patience import PATIENCE

from .conftest import BIN, ROOT, Project
from .workshop import NOTE, NOTE_CODE, write_module, write_recipe

pytestmark = pytest.mark.e2e


def made(project: Project, code: str, **manifest: object) -> Project:
    """A project of one stage whose module has this code."""
    write_module(project.folder, "note_v1", {**NOTE, **manifest}, code)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1"}])
    return project


def run_body(body: str) -> str:
    return f"def run_module(inputs, params, project_config, context):\n    {body}\n"


#: How a module misbehaves, by the entity that it does so for; and what is then said of it.
MISBEHAVIOUR = {
    "raises": ("raise ValueError('no ink')", "ValueError: no ink (main.py:"),
    "exits": ("sys.exit(3)", "SystemExit: 3"),
    "exits_well": ("os._exit(0)", "the worker process died (exit status 70)"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "tells_an_essay": ("raise ValueError('x' * 200_000)", "... (all of it in the log)"),
    "dies": ("os._exit(7)", "the worker process died (exit status 7)"),
    "is_killed": ("os.kill(os.getpid(), signal.SIGKILL)", "killed by signal 9"),
    "takes_all_memory": ("bytearray(1 << 60)", "MemoryError"),
    "makes_nothing": ("return None", "returned NoneType instead of a ModuleResult"),
    "makes_a_dict": ("return {'note': 1}", "returned dict instead of a ModuleResult"),
    "makes_too_little": ("return ModuleResult(outputs={})", "note: missing"),
    "makes_too_much": (
        "return ModuleResult(outputs={'note': Output(data=1), 'nota': Output(data=1)})",
        "nota: the manifest declares no such output: did you mean 'note'?",
    ),
    "makes_many": (
        "return ModuleResult(outputs={'note': {'a': Output(data=1)}})",
        "note: one output expected",
    ),
    "is_no_json": (
        "return ModuleResult(outputs={'note': Output(data={1: {2, 3}})})",
        "note/is_no_json: the payload is not plain JSON: key 1",
    ),
    "does_not_fit": (
        "return ModuleResult(outputs={'note': Output(data={'text': 5})})",
        "note/does_not_fit: $.text: ",
    ),
    "is_endless": (
        "deep = []\n    for _ in range(100_000): deep = [deep]\n"
        "    return ModuleResult(outputs={'note': Output(data=deep)})",
        "note/is_endless: ",
    ),
    "lists_no_file": (
        "return ModuleResult(outputs={'note': Output(data={}, files=('a.png',))})",
        "lists the file 'a.png', which was never attached",
    ),
    "prints_garbage": (
        "print('\\x00\\xff' * 9999); os.write(1, b'\\xfe\\xff'); raise RuntimeError('after all that')",
        "RuntimeError: after all that",
    ),
}
#: Those who only look odd.
GOOD = {
    "is_chatty": "print('\\x00\\xff' * 99_999); os.write(2, b'\\xfe\\xff')",
    "is_huge": "text = 'x' * 30_000_000",
}


def test_misbehaving_modules_fail_with_one_message_each_and_are_alone_redone(
    project: Project,
) -> None:
    """All of them in one run with `--keep-going`, and each had paid for a call."""
    names = [*MISBEHAVIOUR, *GOOD]
    write_module(
        project.folder,
        "split_v1",
        {"stage": "split", "outputs": [{"type": "word", "many": True}]},
        run_body(
            f"return ModuleResult(outputs={{'word': {{w: Output(data=w) for w in {names!r}}}}})"
        ),
    )
    bodies = {name: body for name, (body, _) in MISBEHAVIOUR.items()} | GOOD
    code = "".join(
        f"def {name}():\n    text = 'well'\n    {body}\n"
        "    return ModuleResult(outputs={'note': Output(data={'text': text})})\n\n"
        for name, body in bodies.items()
    )
    mended = project.folder / "mended"
    code += run_body(
        "context.record_cost(model='m', estimated_cost_usd=0.25)\n"
        f"    return globals()[context.entity_id if not Path({str(mended)!r}).exists() else 'is_chatty']()"
    )
    manifest = {
        "stage": "act",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "note"}],
    }
    write_module(project.folder, "act_v1", manifest, code)
    schema = project.folder / "schemas" / "artifacts" / "note.schema.json"
    schema.write_text(
        '{"type": "object", "properties": {"text": {"type": "string"}}}', encoding="utf-8"
    )
    write_recipe(
        project.folder,
        [
            {"id": "split", "module": "split_v1"},
            {"id": "act", "module": "act_v1", "needs": ["split"], "for_each": "word"},
        ],
    )
    said = project.snakemake("--keep-going", status=1)
    for name, (_, message) in MISBEHAVIOUR.items():
        _, _, told = said.partition(f"act/{name} (act_v1) failed: ")
        told = told.partition("RuleException")[0]
        assert message in told, name
        assert f"/logs/act.{name}.log" in told
    assert "Traceback" not in said
    assert len(said) < 100_000
    made = {name for name in project.versions() if name.startswith("note/")}
    assert made == {f"note/{name}" for name in GOOD}
    assert len(project.load("note", "is_huge")["text"]) == 30_000_000
    assert not list((project.folder / "artifacts" / ".live").glob("scratch/*"))
    costs = json.loads(project.cineforge("costs", "--json", "--directory", str(project.folder)))
    assert costs["total"]["cost_usd"] == 0.25 * len(names)

    mended.touch()
    before, calls = project.versions(), project.module_calls()
    project.snakemake()
    assert project.new_since(before) == {f"note/{name}": 1 for name in MISBEHAVIOUR}
    assert project.module_calls() - calls == {"act": len(MISBEHAVIOUR)}


def test_a_module_that_hangs_is_ended_by_its_timeout(project: Project) -> None:
    made(project, run_body("time.sleep(600)"))
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1", "timeout": 1}])
    assert "ran longer than its timeout of 1 seconds" in project.snakemake(status=1)


def test_a_retry_sees_which_attempt_it_is(project: Project) -> None:
    code = run_body(
        "assert context.attempt == 3, 'not yet'\n"
        "    return ModuleResult(outputs={'note': Output(data=context.attempt)})"
    )
    made(project, code)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1", "retries": 2}])
    project.snakemake()
    assert project.load("note") == 3
    assert project.versions()["note/_"] == [1]


def test_a_worker_does_not_run_the_command_that_was_typed(project: Project) -> None:
    """multiprocessing would, under another name."""
    name = "sys.modules['__main__'].__name__"
    made(
        project, run_body(f"return ModuleResult(outputs={{'note': Output(data={name})}})")
    ).snakemake()
    assert project.load("note") == "__main__"


def test_work_that_a_run_is_doing_is_refused_and_a_dead_run_blocks_nobody(project: Project) -> None:
    running, worker = start_sleeping(project)

    said = project.snakemake(status=1)
    assert f"(process {running.pid} on " in said and ") is making note: wait for it, stop" in said
    project.snakemake("-n")

    running.send_signal(signal.SIGKILL)
    running.wait()
    assert_dies(worker)
    write_module(project.folder, "note_v1", NOTE, NOTE_CODE)
    project.snakemake()
    assert project.load("note") == {"text": "hello"}
    assert "Nothing to be done" in project.snakemake()


def start_sleeping(project: Project) -> tuple[subprocess.Popen[bytes], int]:
    """A run whose module sleeps, once it does; and the pid of its worker."""
    pid_file = project.folder / "pid"
    made(
        project,
        run_body(
            f"Path({str(pid_file)!r} + '.new').write_text(str(os.getpid()))\n"
            f"    os.rename({str(pid_file)!r} + '.new', {str(pid_file)!r}); time.sleep(600)"
        ),
    )
    command = [str(BIN / "snakemake"), "-s", str(ROOT / "Snakefile"), "-c2"]
    command += ["--directory", str(project.folder)]
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_for(pid_file)
    return running, int(pid_file.read_text())


def assert_dies(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(pid)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never appeared"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (
        FileNotFoundError,
        ProcessLookupError,
    ):  # gone before it was opened, or while it was read
        return False
    return state != "Z"
