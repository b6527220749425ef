"""The process in which `cineforge run` has Snakemake work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from cineforge.commands.shared.typed_run import SWITCHES, VALUED


def run_to_the_end(
    arguments: list[str], environment: dict[str, str], *, calls_modules: bool
) -> int:
    """Snakemake's exit status. What is to end this command goes to Snakemake, which lets the jobs at work end first.

    `calls_modules`: as far as is known; it only tells when to prepare for that.
    """
    readable, writable = os.pipe()
    ours = ",".join([*VALUED, *SWITCHES])
    command = [
        sys.executable,
        "-m",
        "cineforge.bridge.process.child",
        str(readable),
        ours,
        "yes" if calls_modules else "no",
        *arguments,
    ]
    # A Ctrl-C waits until Python is up in the child, which lets it in then, and until we wait for that.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = subprocess.Popen(command, env=environment, pass_fds=[readable])
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
