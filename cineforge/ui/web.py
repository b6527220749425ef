"""From a function of ours to an answer: in a thread, with the project open, and errors as pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from cineforge.model.display.visible import brief
from cineforge.model.errors import (
    CineForgeError,
    InvalidName,
    InvalidPayload,
    NotFound,
    ProjectBusy,
    StoreDamaged,
)
from cineforge.ui.site import Site

#: The most text that a form may bring; attached files are streamed to the disk and may be larger.
MOST_TEXT = 64 << 20
#: What our own script says it accepts.
PIECE = "text/html-piece"
_MOST_FIELDS = 50_000
_MOST_FILES = 100


@dataclass(frozen=True)
class Asked:
    """One request: what was asked, of which project, in which session, and what a form said."""

    site: Site
    request: Request
    session: str
    form: FormData = field(default_factory=FormData)

    def query(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default)

    def queries(self, name: str) -> list[str]:
        return [each for each in self.request.query_params.getlist(name) if each]

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def number(self, name: str, default: int = 0) -> int:
        """A count in the address: what is none, or too large to mean anything, is the default."""
        text = self.query(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default

    def said(self, name: str) -> str:
        """A text field of the form. Browsers send line ends as CR LF."""
        value = self.form.get(name, "")
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def all_said(self, name: str) -> list[str]:
        return [each for each in self.form.getlist(name) if isinstance(each, str) and each]

    def files(self, name: str) -> list[UploadFile]:
        return [
            each
            for each in self.form.getlist(name)
            if isinstance(each, UploadFile) and each.filename
        ]

    def page(self, template: str, code: int = 200, **values: Any) -> HTMLResponse:
        """A whole page."""
        common = {"mark": self.site.sessions.mark(self.session), "path": self.request.url.path}
        return HTMLResponse(self.site.render(template, **common, **values), code)

    def piece(self, template: str, title: str, **values: Any) -> HTMLResponse:
        """A piece of a page that is there already; or, asked for alone, a page with nothing else on it."""
        mark = self.site.sessions.mark(self.session)
        piece = self.site.render(template, mark=mark, **values)
        if self.request.headers.get("accept") == PIECE:
            return HTMLResponse(piece)
        return self.page("piece.html", title=title, piece=Markup(piece))


Answer = Callable[[Asked], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def looking(answer: Answer) -> Endpoint:
    """The endpoint of a page that changes nothing."""

    async def endpoint(request: Request) -> Response:
        asked = Asked(request.app.state.site, request, request.state.session)
        return await run_in_threadpool(_answered, answer, asked)

    return endpoint


def acting(answer: Answer) -> Endpoint:
    """The endpoint of a form that changes something: it must come from a page of this session."""

    async def endpoint(request: Request) -> Response:
        site: Site = request.app.state.site
        try:
            length = int(request.headers.get("content-length") or 0)
        except ValueError:
            length = 0
        kind = request.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data") and length > MOST_TEXT:
            return PlainTextResponse("That is more than a form holds.\n", 413)
        if not kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
            return PlainTextResponse("A form is expected.\n", 415)
        limits = {"max_files": _MOST_FILES, "max_fields": _MOST_FIELDS, "max_part_size": MOST_TEXT}
        try:
            async with request.form(**limits) as form:
                asked = Asked(site, request, request.state.session, form)
                is_own = site.sessions.is_mark(asked.session, asked.said("mark"))
                return await run_in_threadpool(_answered, answer if is_own else _forged, asked)
        except HTTPException as error:
            return PlainTextResponse(f"{error.detail}\n", error.status_code)

    return endpoint


def see(place: str) -> RedirectResponse:
    """What was asked for is done: look at this page now."""
    return RedirectResponse(place, 303)


def trouble(asked: Asked, error: CineForgeError | OSError, status: int | None = None) -> Response:
    """A page that says what was wrong, and what to do."""
    return asked.page(
        "trouble.html", status or _status(error), title="That did not work", error=message(error)
    )


def message(error: CineForgeError | OSError) -> str:
    """What was wrong, as a command would say it."""
    if isinstance(error, OSError):
        place = error.filename2 or error.filename
        return f"{place}: {error.strerror}" if place and error.strerror else str(error)
    return brief(str(error))


def _answered(answer: Answer, asked: Asked) -> Response:
    try:
        return answer(asked)
    except (CineForgeError, OSError) as error:
        return trouble(asked, error)


def _forged(asked: Asked) -> Response:
    said = (
        "This form is not from a page of this session: open the page anew, and send it once more."
    )
    return asked.page("trouble.html", 403, title="Not accepted", error=said)


_STATUSES: Mapping[type[Exception], int] = {
    NotFound: 404,
    InvalidName: 404,
    InvalidPayload: 422,
    ProjectBusy: 503,
    StoreDamaged: 500,
}


def _status(error: Exception) -> int:
    return next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), 400)
