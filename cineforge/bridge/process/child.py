"""Snakemake as `cineforge run` starts it: quiet from its first moment, and not outliving the command that began it.

`python -m cineforge.bridge.process.child FD OPTIONS ...`: FD is the reading end of a pipe that closes when the command
is gone; OPTIONS are those of the command's own, joined by commas, for who mistypes one of them.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
import time
from typing import NoReturn

from cineforge.model.display.visible import brief, visible
from cineforge.model.errors import nearest

_OPTION = re.compile(r"--[a-z][a-z-]+")
#: Seconds in which the first of two signals is surely handled.
_BETWEEN_SIGNALS = 0.5


def main(arguments: list[str]) -> None:
    """Run snakemake with the arguments after the first two; never returns."""
    # Nothing is at work while Snakemake is imported: a signal may simply end the process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    starter, ours = int(arguments[0]), arguments[1].split(",")
    threading.Thread(target=_end_with, args=(starter,), daemon=True).start()
    sys.argv = ["snakemake", *arguments[2:]]

    def refuse(parser: argparse.ArgumentParser, message: str) -> NoReturn:
        text = visible(brief(_explained(message, parser, ours)))
        print(f"cineforge run: {text}", file=sys.stderr)
        sys.exit(2)

    # Snakemake would print its usage, two screens of options, before it says what is wrong.
    setattr(argparse.ArgumentParser, "error", refuse)  # noqa: B010
    from cineforge.bridge.snakemake.command_line import main as snakemake

    try:
        snakemake()
    except KeyboardInterrupt:
        # Not by the signal, as Python would: of that the command has to tell.
        print("stopped", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)


def _explained(message: str, parser: argparse.ArgumentParser, ours: list[str]) -> str:
    """What is wrong with a command line, with the nearest option for each that does not exist."""
    what, _, words = message.partition("unrecognized arguments: ")
    if what or not words:
        return message
    options = [word.partition("=")[0] for word in words.split() if word.startswith("-")]
    if not options:
        return f"{words}: targets come before all options"
    known = {*_OPTION.findall(parser.format_usage()), *ours}
    close = {option: nearest(option, sorted(known)) for option in options}
    return "; ".join(
        f"there is no option {option}"
        + (f", did you mean {name}?" if name else " (--help lists ours)")
        for option, name in close.items()
    )


def _end_with(starter: int) -> None:
    os.read(starter, 1)  # nothing is ever written: this returns when the other end is closed
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        os.kill(os.getpid(), signal.SIGHUP)
        return
    # Under `nohup`: the second SIGTERM ends a run at once.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_BETWEEN_SIGNALS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
