"""Show the project in the browser: artifacts, versions, graph, runs; and act on it. Stop it with Ctrl-C.

It prints an address with a token in it: open that. Only programs of this machine can reach it, unless --host says
otherwise; who has no token sees nothing either way. Nothing is loaded from anywhere else.

examples:
  cineforge ui
  cineforge ui --directory my_film --open          opens the browser, too
  cineforge ui --port 9000
  cineforge ui --host 0.0.0.0 --name mybox.lan     for other machines; the token travels unencrypted
  CINEFORGE_UI_TOKEN=... cineforge ui              a token of your own, at least 16 letters

It needs: pip install 'cineforge[ui]'
"""

from __future__ import annotations

import argparse
import os

from cineforge.commands.shared.options import add_directory
from cineforge.model.errors import CineForgeError

TOKEN = "CINEFORGE_UI_TOKEN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="listen there (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=int, help="listen on that port (default: 8765, or any that is free)"
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a name of this machine that browsers reach it by; may be given again",
    )
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    add_directory(parser)


def run(options: argparse.Namespace) -> int:
    try:
        from cineforge.ui.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("cineforge"):
            raise
        raise CineForgeError(
            f"the browser pages need {error.name}: pip install 'cineforge[ui]'"
        ) from error

    def ready(address: str) -> None:
        print(f"the project is at {address}", flush=True)
        print("Ctrl-C ends it; runs that were started there go on", flush=True)
        if options.open:
            import webbrowser

            webbrowser.open(address)

    serve(
        options.directory,
        host=options.host,
        port=options.port,
        names=tuple(options.name),
        token=os.environ.get(TOKEN) or None,
        ready=ready,
    )
    return 0
