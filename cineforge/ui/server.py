"""The server: one socket, one process, until Ctrl-C."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from cineforge.model.errors import CineForgeError
from cineforge.project.opening import require_project
from cineforge.ui.access.hosts import Hosts
from cineforge.ui.access.sessions import Sessions
from cineforge.ui.app import make_app
from cineforge.ui.site import Site

PORT = 8765
#: A token that somebody chooses has at least so many letters.
SHORTEST = 16
_BACKLOG = 128
#: Seconds for answers under way when the server is told to end.
_GRACE = 10


def serve(
    folder: Path,
    *,
    host: str,
    port: int | None,
    names: tuple[str, ...],
    token: str | None,
    ready: Callable[[str], None],
) -> None:
    """Show a project until the process is told to end. `ready` gets the address, with the token in it.

    Without a port 8765, or another one while that is taken. Raises NotFound, CineForgeError.
    """
    project = require_project(folder)
    if token is not None and len(token) < SHORTEST:
        raise CineForgeError(f"the token has {len(token)} letters: use at least {SHORTEST}")
    listening = _listen(host, port)
    bound = listening.getsockname()[1]
    # Browsers keep cookies by host, whatever the port: two servers have two.
    site = Site(project, Sessions(token or secrets.token_urlsafe(24)), f"cineforge_{bound}")
    config = uvicorn.Config(
        make_app(site, Hosts.of(host, names)),
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_GRACE,
    )
    ready(f"http://{_shown(host)}:{bound}/?token={site.sessions.token}")
    server = _Server(config)
    server.ending = site.ending.set
    server.run(sockets=[listening])


class _Server(uvicorn.Server):
    ending: Callable[[], None]

    def handle_exit(self, sig: int, frame: object) -> None:
        self.ending()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]


def _listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens. Raises CineForgeError."""
    try:
        kind = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]
    except OSError as error:
        raise CineForgeError(
            f"--host {host}: {error.strerror}: name an address of this machine"
        ) from None
    for wanted in (port,) if port is not None else (PORT, 0):
        listening = socket.socket(kind, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, wanted))
            listening.listen(_BACKLOG)
        except (OSError, OverflowError) as error:
            listening.close()
            reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        else:
            return listening
    raise CineForgeError(
        f"nothing can listen on {host} port {port}: {reason}: choose another --port, or leave it out"
    )


def _shown(host: str) -> str:
    """The host for an address that a browser of this machine can open."""
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host
