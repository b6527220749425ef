"""Where a browser shows the token, once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cineforge.ui.access import guard
from cineforge.ui.site import Site
from cineforge.ui.web import Asked


def ask(asked: Asked) -> Response:
    """The page that asks for the token."""
    return _form(asked, asked.query("next"), wrong=False)


async def let_in(request: Request) -> Response:
    """Takes a token. It needs no mark: who has none yet has no session either."""
    site: Site = request.app.state.site
    async with request.form(max_files=0, max_fields=5, max_part_size=1 << 16) as form:
        token, following = str(form.get("token", "")).strip(), str(form.get("next", ""))
    if not site.sessions.is_token(token):
        return _form(Asked(site, request, ""), following, wrong=True)
    answer = RedirectResponse(own_path(following), 303)
    guard.let_in(answer, site.sessions, site.cookie)
    return answer


def _form(asked: Asked, following: str, *, wrong: bool) -> Response:
    return asked.page(
        "login.html", 403 if wrong else 200, following=own_path(following), wrong=wrong
    )


def own_path(place: str) -> str:
    """A path of this server; another's address becomes the first page."""
    own = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    return place if own else "/"
