"""Words on versions: hold, release, confirm, revise; of one or of many, always with who says so and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from cineforge.model.errors import CineForgeError
from cineforge.project import Project
from cineforge.ui.access.entrance import own_path
from cineforge.ui.content import page_words
from cineforge.ui.web import Asked, message, see

#: What can be said, and how it is told when it is done.
DONE = {
    "hold": "is held",
    "release": "is free again",
    "confirm": "is confirmed",
    "revise": "is to be revised",
}
_MOST = 2000


@dataclass(frozen=True)
class Result:
    """What became of one word: the version, and what was wrong, or nothing."""

    ref: str
    said: str
    trouble: str


def say(asked: Asked) -> Response:
    """Says it of each version that is named, and shows what became of it; of a single one, its page."""
    do, who, why = asked.said("do"), asked.said("who").strip(), asked.said("why").strip()
    refs = list(dict.fromkeys(asked.all_said("ref")))
    if do not in DONE:
        raise CineForgeError(f"'{do[:40]}' can not be said of a version: use {', '.join(DONE)}")
    if not refs:
        raise CineForgeError("nothing is ticked: tick what you mean, and send it once more")
    if len(refs) > _MOST:
        raise CineForgeError(f"{len(refs):,} at once are too many: use at most {_MOST:,}")
    require_who_and_why(who, why)
    with asked.site.open() as project:
        results = [_one(project, do, ref, who, why) for ref in refs]
    back = own_path(asked.said("back"))
    if len(results) == 1 and not results[0].trouble and asked.said("back"):
        return see(back)
    worst = 409 if all(result.trouble for result in results) else 200
    return asked.page(
        "said.html", worst, title=f"{page_words.label(do)}", results=results, back=back
    )


def require_who_and_why(who: str, why: str) -> None:
    """Raise CineForgeError unless somebody says so, for a reason."""
    missing = [name for name, value in (("who", who), ("why", why)) if not value]
    if missing:
        raise CineForgeError(f"say {' and '.join(missing)}: it goes on record")


def _one(project: Project, do: str, ref: str, who: str, why: str) -> Result:
    method: Callable[..., object] = getattr(project, do)
    try:
        method(ref, who=who, why=why)
    except (CineForgeError, OSError) as error:
        return Result(ref, "", message(error))
    return Result(ref, DONE[do], "")
