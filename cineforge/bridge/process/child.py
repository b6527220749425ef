"""Snakemake as `cineforge run` starts it: quiet from its first moment, and not outliving the command that began it.

`python -m cineforge.bridge.process.child FD OPTIONS WORKERS ...`: FD is the reading end of a pipe that closes when the
command is gone; OPTIONS are those of the command's own, joined by commas, for who mistypes one of them; WORKERS is
`yes` if workers will be needed as far as the command can tell.
"""

from __future__ import annotations

import argparse
import atexit
import re
import signal
import sys
from typing import NoReturn

from cineforge.bridge.process.starter import end_with
from cineforge.model.display.visible import brief, visible
from cineforge.model.errors import nearest
from cineforge.running.workers.processes.forked_here import end_server, fork_server_now

_OPTION = re.compile(r"--[a-z][a-z-]+")


def main(arguments: list[str]) -> None:
    """Run snakemake with the arguments after the first three; never returns."""
    # Nothing is at work while Snakemake is imported: a signal may simply end the process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    starter, ours, workers = int(arguments[0]), arguments[1].split(","), arguments[2]
    if workers == "yes":
        _fork_server_early()
    end_with(starter)
    sys.argv = ["snakemake", *arguments[3:]]

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


def _fork_server_early() -> None:
    """Fork the server of workers while this process holds what workers need, and nothing of Snakemake.

    A page that both share becomes two when either writes to it, so it matters how many there are.
    """
    import jsonschema_rs  # noqa: F401  # workers check payloads with it

    import cineforge.running.workers.pool  # noqa: F401  # with all else that a worker imports
    from cineforge.bridge.process.memory import spare_memory

    spare_memory()
    fork_server_now()
    atexit.register(end_server)


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


if __name__ == "__main__":
    main(sys.argv[1:])
