"""What a run would do, as `cineforge plan` says it: the command itself is asked, so page and command cannot differ."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cineforge.model.errors import CineForgeError, NotFound, suggestion
from cineforge.model.records.plan_report import PlanReport
from cineforge.recipes.named import known_recipes

#: Letters of the words that name stages and artifacts. What begins with a dash would be an option.
_WORD = re.compile(r"(?!-)[A-Za-z0-9_.*?\[\]!/@-]{1,300}")
_MOST_WORDS = 500
_PATIENCE = 600.0
#: Seconds between looks at whether the server ends, and for a plan to end then.
_LOOK, _GRACE = 0.2, 5.0
#: Plans of large projects take some memory: so many are made at once.
_TURNS = threading.Semaphore(2)


@dataclass(frozen=True)
class Request:
    """What a run is asked for, in the words of `cineforge run` and `cineforge plan`.

    The empty `recipe` stands for all that config.yaml lists, None for none.
    """

    recipe: str | None
    words: tuple[str, ...] = ()
    stale: bool = False
    force: bool = False
    start_from: str = ""

    def arguments(self) -> Iterator[str]:
        """The words of the command line."""
        if self.recipe:
            yield self.recipe
        yield from self.words
        if self.stale:
            yield "--stale"
        if self.force:
            yield "--force"
        if self.start_from:
            yield from ("--start-from", self.start_from)


def require_known(request: Request, project: Path) -> Request:
    """The request, if it names a recipe by name, and nothing in it could be anything but a target.

    Raises NotFound, CineForgeError.
    """
    known = sorted(known_recipes(project))
    if request.recipe is None:
        raise NotFound("config.yaml names no recipe: choose one")
    if request.recipe and request.recipe not in known:
        raise NotFound(
            f"there is no recipe '{request.recipe}': {suggestion(request.recipe, known)}"
        )
    if len(request.words) > _MOST_WORDS:
        raise CineForgeError(f"{len(request.words)} words are too many: use a glob or a stage")
    for word in (*request.words, *filter(None, [request.start_from])):
        if not _WORD.fullmatch(word) or ".." in word or word.startswith(("/", "artifacts/")):
            raise CineForgeError(
                f"'{word}' is no target: name stages, types, type/entity, globs, or entities"
            )
    return request


def make_plan(project: Path, request: Request, ending: threading.Event) -> PlanReport:
    """What a run with this request would do.

    Raises CineForgeError with what the command says, or when the server ends.
    """
    command = [sys.executable, "-m", "cineforge", "plan", *request.arguments()]
    with _TURNS:
        done = _run([*command, "--json", "--directory", str(project)], project, ending)
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode not in (0, 1):
        raise CineForgeError(said.removeprefix("cineforge: ") or "the plan could not be made")
    try:
        return PlanReport.model_validate_json(done.stdout)
    except ValidationError:
        raise CineForgeError(
            said.removeprefix("cineforge: ") or "the plan could not be read"
        ) from None


def _run(
    command: Sequence[str], project: Path, ending: threading.Event
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb"}
    deadline = time.monotonic() + _PATIENCE
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
    ) as process:
        while True:
            try:
                said, trouble = process.communicate(timeout=_LOOK)
                return subprocess.CompletedProcess(command, process.returncode, said, trouble)
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline and not ending.is_set():
                    continue
            # As Ctrl-C does: it removes what it tried in a folder of its own.
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=_GRACE)
            process.kill()
            break
    if ending.is_set():
        raise CineForgeError("the server ends: ask 'cineforge plan' in a terminal")
    raise CineForgeError("the plan takes too long: ask 'cineforge plan' in a terminal")
