"""SIGTERM and a closed terminal end a command as Ctrl-C does."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic_core import SchemaSerializer, core_schema

from cineforge.bridge.process import bad_moments
from cineforge.commands import main as commands
from cineforge.commands.shared import run_process
from cineforge.commands.shared.stopping import Ended, ended_by_signals
from tests.patience import PATIENCE


class Shown:
    """Sends a signal while Pydantic builds a class."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        os.kill(os.getpid(), self.number)
        return ""


def in_c_code(number: int) -> None:
    SchemaSerializer(core_schema.literal_schema([Shown(number)]))


def in_python(number: int) -> None:
    os.kill(os.getpid(), number)


def in_a_finalizer(number: int) -> None:
    class Kept:
        def __del__(self) -> None:
            os.kill(os.getpid(), number)

    kept = Kept()
    del kept
    time.sleep(PATIENCE)


def while_something_is_imported(number: int) -> None:
    """C code that imports something takes what is raised then for a thing that is missing."""
    importlib.import_module(f"stops_by_{number}")
    time.sleep(PATIENCE)


def while_pydantic_builds(number: int) -> None:
    """Its C code would swallow what is raised then, go on, and build a class that refuses what is right."""
    building = {"__name__": "pydantic._internal._model_construction", "kill": os.kill}
    exec("def build(*whom): kill(*whom); print('built')", building)
    build: Any = building["build"]
    build(os.getpid(), number)
    time.sleep(PATIENCE)


AT_BAD_MOMENTS = (while_pydantic_builds, while_something_is_imported)


@pytest.mark.parametrize("send", [in_python, in_c_code, in_a_finalizer, *AT_BAD_MOMENTS])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_a_command_holds_is_let_go_when_it_is_to_end(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    send: Callable[[int], None],
    tmp_path: Path,
) -> None:
    stops = f"import os; os.kill(os.getpid(), {number}); print('built')"
    (tmp_path / f"stops_by_{number}.py").write_text(stops, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, f"stops_by_{number}", raising=False)
    before = signal.signal(
        number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler
    )
    let_go = []

    def run(_options: object) -> int:
        try:
            send(number)
            return 0
        finally:
            let_go.append(True)

    command = ModuleType("waits")
    command.__dict__.update(run=run, add_arguments=lambda _parser: None)
    monkeypatch.setitem(sys.modules, "cineforge.commands.waits", command)
    monkeypatch.setitem(commands.COMMANDS, "waits", "waits")
    try:
        assert commands.main(["waits"]) == 128 + number
        assert signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler)
    finally:
        signal.signal(number, before)
    assert let_go
    said = capsys.readouterr()
    assert said.err == "stopped\n"
    assert said.out == ("built\n" if send in AT_BAD_MOMENTS else "")


def test_who_is_called_while_something_is_imported_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    waits = f"import os, time; os.kill(os.getpid(), {signal.SIGTERM}); time.sleep({PATIENCE})"
    (tmp_path / "waits_as_it_is_imported.py").write_text(waits, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(bad_moments, "_PATIENCE", 0.0)
    with pytest.raises(Ended), ended_by_signals():
        importlib.import_module("waits_as_it_is_imported")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Who runs in the background hands on that it ignores this signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_before_the_run_has_its_process_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL);"
        f"signal.pthread_sigmask(signal.SIG_UNBLOCK, {{signal.SIGINT}}); time.sleep({PATIENCE})"
    )

    def start(*_: object) -> subprocess.Popen[bytes]:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)  # no other thread lets it in
        return subprocess.Popen([sys.executable, "-c", waits])

    monkeypatch.setattr(run_process, "_start", start)
    with ended_by_signals():
        status = run_process.run_to_the_end([], {}, calls_modules=False)
    assert status == 128 + signal.SIGINT
    assert capsys.readouterr().err == "stopped\n"


@pytest.mark.usefixtures("interruptible")
def test_a_run_has_no_process_yet_while_an_interrupt_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(run_process, "_start")
    with pytest.raises(KeyboardInterrupt), ended_by_signals():
        bad_moments.send_again(signal.SIGINT)
        run_process.run_to_the_end([], {}, calls_modules=False)
