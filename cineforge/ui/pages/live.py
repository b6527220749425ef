"""What is pushed to pages while runs go on: the server follows the runs' events, and sends a piece when one came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cineforge.history.reading.run_reading import find_run
from cineforge.history.run_claims import is_alive
from cineforge.history.run_files import open_regular
from cineforge.history.run_fold import RunFold
from cineforge.model.errors import CineForgeError
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import PipelineEvent
from cineforge.model.records.run_state import RunState
from cineforge.store.layout import EVENTS_FILE
from cineforge.ui.pages import run_pages
from cineforge.ui.site import Site

#: How often the records are looked at, in seconds, and how often a silent connection is tried.
LOOK, SILENCE = 0.3, 15.0
#: What happened last, so many lines of it.
_LATEST = 12


@dataclass
class Following:
    """The events of one run as they come, folded."""

    file: BinaryIO
    fold: RunFold = field(default_factory=RunFold)
    latest: list[str] = field(default_factory=list)
    rest: bytes = b""

    def more(self) -> bool:
        """Take in what was written since; whether there was anything."""
        came = self.rest + self.file.read()
        *lines, self.rest = came.split(b"\n")
        for line in lines:
            try:
                event = PipelineEvent.model_validate_json(line).event
                self.fold.add(event)
            except (ValidationError, KeyError):
                continue  # a damaged line: the page of the ended run says so
            latest_text = event_text(event)
            if latest_text:
                self.latest = [*self.latest[-_LATEST + 1 :], latest_text]
        return bool(lines)

    def state(self) -> RunState | None:
        try:
            return self.fold.state(with_instances=False)
        except (AssertionError, ValueError, AttributeError, ValidationError):
            return None  # nothing is there yet


def event_text(event: ev.Event) -> str:
    """One event in words, or nothing for those that bars show."""
    match event:
        case ev.JobStarted():
            return f"{_name(event)} begins" + (
                f", attempt {event.attempt}" if event.attempt > 1 else ""
            )
        case ev.JobFinished() if event.error:
            return f"{_name(event)} failed: {event.error.splitlines()[0][:300]}"
        case ev.Published():
            return f"{_name(event)} made {_few(event.refs)}"
        case ev.Adopted():
            return f"{_name(event)} took what was made before: {_few(event.refs)}"
        case ev.Kept():
            return f"{_name(event)} kept {event.ref}"
        case ev.Warned() | ev.Failed():
            return event.message[:500]
        case _:
            return ""


def _name(event: ev.JobStarted | ev.JobFinished | ev.Published | ev.Adopted | ev.Kept) -> str:
    return event.stage if event.entity is None else f"{event.stage}/{event.entity}"


def _few(refs: tuple[str, ...]) -> str:
    more = f" and {len(refs) - 3} more" if len(refs) > 3 else ""
    return ", ".join(refs[:3]) + more


async def one_run(request: Request) -> Response:
    """The pieces of one run's page, until it is over."""
    site: Site = request.app.state.site
    run_id = str(request.path_params["run_id"])
    try:
        folder = find_run(site.folder, run_id)
        file = open_regular(folder / EVENTS_FILE)
    except CineForgeError:
        return Response("", 404)
    following = Following(file)

    def look() -> tuple[str, bool]:
        # In this order: what was written before it ended is in the file by then.
        over = not is_alive(site.folder, run_id)
        came = following.more()
        state = following.state()
        piece = ""
        if (came or over) and state is not None:
            shown = run_pages.Run(run_id, state, "", not over)
            piece = site.render("run_live.html", run=shown, latest=following.latest)
        return piece, over

    return _stream(request, site, look, file.close)


async def newest(request: Request) -> Response:
    """The newest runs, whenever one of them has come further."""
    site: Site = request.app.state.site
    before = ""

    def look() -> tuple[str, bool]:
        nonlocal before
        piece = site.render("runs_newest.html", runs=run_pages.newest_runs(site.folder))
        changed, before = piece != before, piece
        return (piece if changed else ""), False

    return _stream(request, site, look, lambda: None)


def _stream(
    request: Request, site: Site, look: Callable[[], tuple[str, bool]], end: Callable[[], None]
) -> StreamingResponse:
    async def pieces() -> AsyncIterator[str]:
        silent = 0.0
        try:
            while not site.ending.is_set() and not await request.is_disconnected():
                piece, over = await run_in_threadpool(look)
                if piece:
                    silent = 0.0
                    yield "".join(_message("piece", piece))
                if over:
                    yield "".join(_message("over", "over"))
                    return
                if silent >= SILENCE:
                    silent = 0.0
                    yield ": still here\n\n"
                await asyncio.sleep(LOOK)
                silent += LOOK
        finally:
            end()

    return StreamingResponse(pieces(), media_type="text/event-stream")


def _message(kind: str, text: str) -> Iterator[str]:
    yield f"event: {kind}\n"
    for line in text.splitlines():
        yield f"data: {line}\n"
    yield "\n"
