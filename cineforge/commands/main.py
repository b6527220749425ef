"""`cineforge COMMAND`: finds the command's file and runs it. Only that file is imported."""

from __future__ import annotations

import argparse
import importlib
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from cineforge import __version__
from cineforge.commands.shared.moved import Place
from cineforge.commands.shared.output import shown, silence_stdout
from cineforge.commands.shared.stopping import Ended, ended_by_signals
from cineforge.model.display.visible import brief
from cineforge.model.errors import CineForgeError, suggestion

#: Every command with its one line of help; `cineforge.commands.<name>` has `add_arguments` and `run`.
COMMANDS = {
    "init": "make a project folder",
    "run": "run a recipe, with a live view and a summary",
    "plan": "say what a run would do, why, and what it would cost",
    "watch": "follow a run that goes on elsewhere",
    "runs": "list the runs, or show one",
    "costs": "sum up what was paid",
    "compile": "write a recipe as a Snakemake file",
    "graph": "draw the artifacts of a project, or the stages of a recipe",
    "page": "write the project as one HTML file to send to somebody",
    "modules": "list the modules that recipes can use",
    "put": "save your own version of an artifact",
    "edit": "edit an artifact's head, and save what you make of it",
    "confirm": "say that a stale version still holds",
    "revise": "ask for a version to be made anew",
    "hold": "keep a head from being replaced",
    "release": "let runs replace a held head again",
    "history": "list an artifact's versions",
    "show": "show a version",
    "diff": "show what differs between two versions",
    "drafts": "show what a new draft of the screenplay changes",
    "export": "copy the files that people and other programs read into a folder",
    "lineage": "show what a version was made from, or what from it",
    "at": "list the heads as they were at a moment",
    "verify": "check every byte of every version",
    "ui": "show the project in the browser, and act on it",
    "status": "count artifacts by health, and name what is stale",
    "why": "say why an artifact is stale, and what would be done",
    "reindex": "rebuild the index from the artifact folders",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 well, 1 a problem told on stderr, 2 a mistyped command line.

    Of a command whose answer can be 1, such as `diff`, a problem has its `TROUBLE`, which is 2.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    place = Place(arguments)
    with shown():
        try:
            with ended_by_signals():
                status = _dispatch(arguments)
            sys.stdout.flush()
            moved = place.moved() if status == 1 and arguments[0] != "run" else None
            return status if moved is None else _trouble(arguments, moved)
        except CineForgeError as error:
            return _trouble(arguments, place.moved() or str(error))
        except BrokenPipeError:
            # The reader went away (`cineforge ... | head`).
            silence_stdout()
            return _status_of_trouble(arguments)
        except OSError as error:
            # A folder that cannot be made or read, a file in the place of one, a full disk: the system says which.
            return _trouble(arguments, place.moved() or _refused(error))
        except KeyboardInterrupt as error:
            with suppress(OSError):
                print("stopped", file=sys.stderr)
            return 128 + (error.number if isinstance(error, Ended) else signal.SIGINT)


def _trouble(arguments: list[str], text: str) -> int:
    try:
        sys.stdout.flush()
    except OSError:
        silence_stdout()
    with suppress(OSError):
        print(f"cineforge: {brief(text)}", file=sys.stderr)
    return _status_of_trouble(arguments)


def _status_of_trouble(arguments: list[str]) -> int:
    asked = sys.modules.get(f"cineforge.commands.{arguments[0]}") if arguments else None
    return int(getattr(asked, "TROUBLE", 1))


def _refused(error: OSError) -> str:
    from cineforge.store.disk.durable import named_by, refusal_text

    place = named_by(error)
    said = f"{place}: {error.strerror}" if place and error.strerror else str(error)
    return refusal_text(error) or said


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if arguments[0] == "--version":
        print(f"cineforge {__version__}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        text = f"there is no command '{name}': {suggestion(name, list(COMMANDS))}"
        print(f"cineforge: {brief(text)}", file=sys.stderr)
        return 2
    command = importlib.import_module(f"cineforge.commands.{name}")
    parser = _Parser(
        prog=f"cineforge {name}",
        description=command.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    words = arguments[1:]
    if getattr(command, "READS_OPTIONS", False) and words[:1] not in (["-h"], ["--help"]):
        # Else an option before the first word would be taken for one that nobody knows.
        words = ["--", *words]
    status: int = command.run(parser.parse_args(words))
    return status


_WITHOUT_VALUE = re.compile(
    r"argument (?:-\w/)?(--[\w-]+)(?:/-\w)?: expected (?:one|at least one) argument$"
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        option = _WITHOUT_VALUE.match(message)
        if option:
            message += f"; one that begins with '-' is written {option[1]}=VALUE"
        super().error(brief(message))


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            "usage: cineforge COMMAND [...]   (cineforge COMMAND --help for examples)",
            "",
            *lines,
            "",
            "Runs are plain Snakemake, typed in a project: snakemake -c4",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
