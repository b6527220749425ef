"""SIGTERM and a closed terminal end a command as Ctrl-C does."""

from __future__ import annotations

import os
import signal
import sys
from types import ModuleType

import pytest

from cineforge.commands import main as commands


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_a_command_holds_is_let_go_when_it_is_to_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    before = signal.signal(
        number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler
    )
    let_go = []

    def run(_options: object) -> int:
        try:
            os.kill(os.getpid(), number)
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
    assert capsys.readouterr().err == "stopped\n"
