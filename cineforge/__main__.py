"""`python -m cineforge` is the `cineforge` command; the script of that name begins here as well."""

from __future__ import annotations

import os
import signal
import sys


def main() -> int:
    """Run the command that was typed; its exit status."""
    is_pythons_own = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_pythons_own:
        # While Python is still loading us nothing has begun that would have to be ended.
        signal.signal(signal.SIGINT, lambda *_: _stopped())
    from cineforge.commands.main import main as command

    if is_pythons_own:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    status = command()
    if is_pythons_own:
        # All is done and said. What Python still does at exit would make a traceback of an interrupt.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return status


def _stopped() -> None:
    os.write(2, b"stopped\n")
    os._exit(128 + signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
