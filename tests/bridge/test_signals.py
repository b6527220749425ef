"""Ctrl-C stops a run wherever it comes, and never leaves a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.patience import PATIENCE

IN_A_FINALIZER = """
import os, signal, time
from cineforge.bridge.process.signals import install_signal_handlers

class Kept:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

install_signal_handlers()
kept = Kept()
del kept
time.sleep(60)
"""

AT_THE_END = """
import atexit, signal, weakref
from cineforge.bridge.process.signals import install_signal_handlers

class Kept: pass

install_signal_handlers()
kept = Kept()
weakref.finalize(kept, signal.raise_signal, signal.SIGINT)
atexit.register(signal.raise_signal, signal.SIGTERM)
print("done")
"""

IN_C_CODE = """
import signal
from pydantic_core import SchemaSerializer, core_schema
from cineforge.bridge.process.errors_at_exit import exit_on_error
from cineforge.bridge.process.signals import install_signal_handlers

class Shown:
    def __repr__(self):
        signal.raise_signal(signal.SIGINT)

install_signal_handlers()
exit_on_error(SchemaSerializer)(core_schema.literal_schema([Shown()]))
"""

BEFORE_WE_ARE_IN_CHARGE = """
import _imp
from cineforge.bridge.process.signals import install_signal_handlers

_imp.acquire_lock()  # as Python does, and an interrupt that comes just then is swallowed by a callback
install_signal_handlers()
"""

AS_PYTHON_TAKES_A_LOCK = """
import signal, time
from cineforge.bridge.process.signals import install_signal_handlers

taking = "def _get_module_lock(): signal.raise_signal(signal.SIGINT); print('given back')"
exec(compile(taking, "<frozen importlib._bootstrap>", "exec"))
install_signal_handlers()
_get_module_lock()
time.sleep(60)
"""

WHILE_PYDANTIC_BUILDS = """
import signal, time
from cineforge.bridge.process.signals import install_signal_handlers

building = {"__name__": "pydantic._internal._model_construction", "raise_signal": signal.raise_signal}
exec("def build(): raise_signal(2); print('built')", building)
install_signal_handlers()
building["build"]()
time.sleep(60)
"""

THREE_AT_THE_END = AT_THE_END.replace(
    "atexit.register(signal.raise_signal, signal.SIGTERM)", ""
).replace(
    "signal.raise_signal, signal.SIGINT", "lambda: [signal.raise_signal(2) for _ in range(3)]"
)


def test_an_interrupt_that_a_finalizer_swallows_stops_the_run_all_the_same() -> None:
    ended = _python(IN_A_FINALIZER)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "stopped\n")


def test_an_interrupt_that_c_code_takes_for_an_error_of_its_own_is_one_all_the_same() -> None:
    ended = _python(IN_C_CODE)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "stopped\n")


def test_an_interrupt_that_was_lost_before_holds_no_lock_and_stops_the_run() -> None:
    ended = _python(BEFORE_WE_ARE_IN_CHARGE)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "stopped\n")


def test_an_interrupt_waits_until_python_has_given_back_the_lock_of_its_imports() -> None:
    ended = _python(AS_PYTHON_TAKES_A_LOCK)
    assert ended.stdout == "given back\n"
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "stopped\n")


def test_an_interrupt_waits_until_pydantic_has_built_a_class() -> None:
    """Its C code would swallow it, go on, and build a class that refuses what is right: "damaged", it was said."""
    ended = _python(WHILE_PYDANTIC_BUILDS)
    assert ended.stdout == "built\n"
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "stopped\n")


def test_a_signal_when_all_is_done_changes_nothing() -> None:
    ended = _python(AT_THE_END)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


def test_an_end_that_takes_too_long_can_be_cut_off() -> None:
    assert _python(THREE_AT_THE_END).returncode == 128 + signal.SIGINT


def _python(code: str) -> subprocess.CompletedProcess[str]:
    # Who runs in the background hands on that it ignores this signal.
    default_action = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    return subprocess.run(
        [sys.executable, "-c", default_action + code],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
