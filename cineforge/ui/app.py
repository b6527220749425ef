"""Every page and its address."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from cineforge.ui.access import entrance
from cineforge.ui.access.guard import Guard
from cineforge.ui.access.hosts import Hosts
from cineforge.ui.pages import (
    artifact_page,
    artifacts,
    attached,
    board,
    editing,
    graph_page,
    launch,
    live,
    overview,
    run_compare,
    run_pages,
    saying,
)
from cineforge.ui.site import STATIC, Site
from cineforge.ui.web import Asked, acting, looking

_A_YEAR = "private, max-age=31536000, immutable"


def make_app(site: Site, hosts: Hosts) -> Starlette:
    """The application that shows a project."""
    named = "/{type}/{entity}"
    routes = [
        Route("/", looking(overview.overview)),
        Route("/artifacts", looking(artifacts.artifacts)),
        Route(f"/artifact{named}", looking(artifact_page.artifact)),
        Route(f"/why{named}", looking(artifact_page.why)),
        Route("/diff", looking(artifact_page.diff)),
        Route(f"/file{named}/{{version:int}}/{{name:path}}", looking(attached.file)),
        Route(f"/thumbnail{named}/{{version:int}}/{{name:path}}", looking(attached.thumbnail)),
        Route(f"/edit{named}", looking(editing.edit), methods=["GET"]),
        Route(f"/edit{named}", acting(editing.save), methods=["POST"]),
        Route("/put", looking(editing.new), methods=["GET"]),
        Route("/put", acting(editing.put), methods=["POST"]),
        Route("/say", acting(saying.say), methods=["POST"]),
        Route("/run", looking(launch.choose), methods=["GET"]),
        Route("/run", acting(launch.start), methods=["POST"]),
        Route("/plan/summary", looking(launch.summary)),
        Route("/graph", looking(graph_page.graph)),
        Route("/board", looking(board.board)),
        Route("/live", live.newest),
        Route("/runs", looking(run_pages.runs)),
        Route("/runs/newest", looking(run_pages.newest)),
        Route("/runs/compare", looking(run_compare.compare)),
        Route("/runs/{run_id}", looking(run_pages.run)),
        Route("/runs/{run_id}/events", live.one_run),
        Route("/runs/{run_id}/log", looking(run_pages.log)),
        Route("/runs/{run_id}/stop", acting(run_pages.stop), methods=["POST"]),
        Route("/login", looking(entrance.ask), methods=["GET"]),
        Route("/login", entrance.let_in, methods=["POST"]),
        Mount("/static/{assets}", _Static(directory=STATIC)),
    ]
    guard = Middleware(Guard, hosts=hosts, sessions=site.sessions, cookie=site.cookie)
    app = Starlette(
        routes=routes, middleware=[guard], exception_handlers={404: _nothing_here, 405: _no_method}
    )
    app.state.site = site
    return app


class _Static(StaticFiles):
    """Our own scripts and styles: their address changes with them, so browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = _A_YEAR
        return answer


async def _nothing_here(request: Request, _error: Exception) -> Response:
    return _said(request, 404, "There is no such page", "Follow a link above, or search by name.")


async def _no_method(request: Request, _error: Exception) -> Response:
    return _said(request, 405, "Not this way", "What changes something is sent by its own form.")


def _said(request: Request, status: int, title: str, error: str) -> Response:
    asked = Asked(request.app.state.site, request, request.state.session)
    return asked.page("trouble.html", status, title=title, error=error)
