"""What stands before every page: who asks, from where, and what browsers may do with the answer."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cineforge.ui.access.hosts import Hosts
from cineforge.ui.access.sessions import Sessions

#: Pages are text, our own scripts and styles, and pictures; they are framed by nobody.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self';"
    " connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_METHODS = _SAFE_METHODS | {"POST"}
#: What is shown to who has no token yet: where to give it, and the looks of that page.
_OPEN = ("/login", "/static/")


class Guard:
    """Answers what must not get through: a strange host or origin, a method that no page has, no token."""

    def __init__(self, app: ASGIApp, *, hosts: Hosts, sessions: Sessions, cookie: str) -> None:
        self._app = app
        self._hosts = hosts
        self._sessions = sessions
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message))
            await send(message)

        request = Request(scope)
        answer = self._refusal(request) or self._greeting(request)
        await (answer or self._app)(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if not self._hosts.know(host):
            text = (
                "This server does not answer to that name. Start it with: cineforge ui --name NAME"
            )
            return PlainTextResponse(f"{text}\n", 421)
        if request.method not in _METHODS:
            return PlainTextResponse(
                "There is no such method here.\n", 405, {"allow": "GET, HEAD, POST"}
            )
        origin = request.headers.get("origin")
        own = (f"http://{host}".lower(), f"https://{host}".lower())
        if origin is not None and origin.lower() not in own:
            return PlainTextResponse("Another site's page asked for this: refused.\n", 403)
        from_here = origin is not None or request.headers.get("sec-fetch-site") == "same-origin"
        if request.method not in _SAFE_METHODS and not from_here:
            return PlainTextResponse("It does not say which page asks for this: refused.\n", 403)
        return None

    def _greeting(self, request: Request) -> Response | None:
        """Takes a token out of the address bar, and sends who has none to where it is given."""
        session = request.cookies.get(self._cookie, "")
        known = self._sessions.know(session)
        request.scope.setdefault("state", {})["session"] = session if known else ""
        path, shown = request.url.path, request.query_params.get("token")
        if shown is not None and request.method == "GET" and path != "/login":
            if known or self._sessions.is_token(shown):
                answer = RedirectResponse(_without_token(request), 303)
                if not known:
                    self.let_in(answer)
                return answer
        elif known or path == _OPEN[0] or path.startswith(_OPEN[1]):
            return None
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/login?next={quote(_without_token(request), safe='')}", 303)
        return PlainTextResponse("This needs the token that 'cineforge ui' has printed.\n", 401)

    def let_in(self, answer: Response) -> None:
        """Have a browser that has shown the token known from now on."""
        let_in(answer, self._sessions, self._cookie)


def let_in(answer: Response, sessions: Sessions, cookie: str) -> None:
    """Have a browser that has shown the token known from now on."""
    answer.set_cookie(cookie, sessions.begin(), httponly=True, samesite="lax", path="/")


def _without_token(request: Request) -> str:
    path = request.url.path
    # A path that begins with two slashes would be taken for another host.
    path = "/" + path.lstrip("/")
    query = request.url.remove_query_params("token").query
    return f"{path}?{query}" if query else path


def _add_headers(headers: MutableHeaders) -> None:
    headers.setdefault("content-security-policy", PAGE_POLICY)
    headers.setdefault("cache-control", "no-store")
    headers["x-content-type-options"] = "nosniff"
    headers["referrer-policy"] = "same-origin"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cross-origin-resource-policy"] = "same-origin"
    headers["permissions-policy"] = "camera=(), microphone=(), geolocation=()"
