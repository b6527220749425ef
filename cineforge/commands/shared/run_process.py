"""The process in which `cineforge run` has Snakemake work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from cineforge.bridge.process.bad_moments import let_come
from cineforge.commands.shared.output import drawing_on
from cineforge.commands.shared.typed_run import SWITCHES, VALUED

if TYPE_CHECKING:
    from cineforge.bridge.process.forked_child import ForkedChild

_CHILD = "cineforge.bridge.process.child"


def run_to_the_end(
    arguments: list[str], environment: dict[str, str], *, calls_modules: bool
) -> int:
    """Snakemake's exit status. What is to end this command goes to Snakemake, which lets the jobs at work end first.

    `calls_modules`: as far as is known; it only tells when to prepare for that.
    """
    let_come()
    readable, writable = os.pipe()
    ours = ",".join([*VALUED, *SWITCHES])
    words = [str(readable), ours, "yes" if calls_modules else "no", *arguments]
    # A Ctrl-C waits until Python is up in the child, which lets it in then, and until we wait for that.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = _start(words, readable, environment)
        # It may have come before there was a child to hear of it.
        if signal.SIGINT in signal.sigpending():
            process.send_signal(signal.SIGINT)
        os.close(readable)
        signal.signal(signal.SIGTERM, lambda number, _frame: process.send_signal(number))
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, lambda number, _frame: process.send_signal(number))
        while True:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                status = process.wait()
                if status == -signal.SIGINT:  # it had not begun, and could not say so itself
                    print("stopped", file=sys.stderr)
                elif status < 0:
                    name = signal.strsignal(-status) or "?"
                    print(f"stopped: signal {-status} has ended the run ({name})", file=sys.stderr)
                return status if status >= 0 else 128 - status  # as a shell tells of a signal
            except KeyboardInterrupt:
                continue  # a terminal's Ctrl-C has reached Snakemake as well
    finally:
        os.close(writable)


def _start(
    words: list[str], kept: int, environment: dict[str, str]
) -> subprocess.Popen[bytes] | ForkedChild:
    """The process of the run: a fork of this one where that is safe, or else a new interpreter."""
    from cineforge.bridge.process.forked_child import fork_child, may_fork

    if not may_fork():
        return subprocess.Popen(
            [sys.executable, "-m", _CHILD, *words], env=environment, pass_fds=[kept]
        )
    return fork_child(partial(_run_here, words), kept, environment)


def _run_here(words: list[str]) -> None:
    from cineforge.bridge.process.child import main

    # Snakemake's output passes elsewhere what terminals obey.
    sys.stdout, sys.stderr = drawing_on(sys.stdout), drawing_on(sys.stderr)
    main(words)
