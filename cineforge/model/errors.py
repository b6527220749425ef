"""One family of errors, each with the fix in its message.

Everything a user can cause derives from `CineForgeError`; commands print its text and exit non-zero,
never a traceback. Mistakes in files are collected as `Problem` data and raised together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class CineForgeError(Exception):
    """Base of every error that a user, a recipe, a module or a file can cause."""


class InvalidName(CineForgeError):
    """A type, entity, stage or run id does not obey the naming pattern."""


class NotFound(CineForgeError):
    """A type, entity or version that does not exist was asked for."""


class VersionExists(CineForgeError):
    """Something tried to publish a version number that is already taken."""


class InvalidPayload(CineForgeError):
    """A payload is not plain JSON, or does not fit the schema of its type."""


class StoreDamaged(CineForgeError):
    """A file of a published version is missing, unreadable or does not match its seal."""


class VersionClosed(StoreDamaged):
    """A file of a published version is there, and the system does not let it be read: it may well be whole."""


class ProjectBusy(CineForgeError):
    """Another live process holds what this one needs."""


class ModuleFailed(CineForgeError):
    """A module raised, died, ran out of time or returned something that cannot be published."""


class BudgetSpent(CineForgeError):
    """A paid call was not begun, because of the budget."""


class DecisionFailed(CineForgeError):
    """What is to be done for an instance could not be decided."""


@dataclass(frozen=True)
class Problem:
    """One mistake in a file: where (file, 1-based line, key path), what, and what to do."""

    message: str
    file: str = ""
    line: int | None = None
    path: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.file and self.line else self.file
        head = ": ".join(part for part in (place, self.path, self.message) if part)
        return f"{head}\n    {self.hint}" if self.hint else head


class ProblemsFound(CineForgeError):
    """All mistakes of one or more files, reported in one go, in file order."""

    def __init__(self, title: str, problems: Iterable[Problem]) -> None:
        ordered = sorted(problems, key=lambda p: (p.file, p.line or 0))
        self.title = title
        self.problems: tuple[Problem, ...] = tuple(ordered)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{title}\n{lines}")


def unreadable(file: str, error: OSError) -> Problem:
    """The mistake that a file is which the system does not let us read."""
    hint = "look at its permissions" if isinstance(error, PermissionError) else ""
    return Problem(f"cannot be read: {error.strerror or error}", file, hint=hint)


def moved_text(project: object) -> str:
    """What to say where a project's folder has gone from under a command."""
    return (
        f"{project} was moved or deleted while this command was at work: nothing that was published is lost by it;"
        " type the same command where the project is now"
    )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name closest to `word`, or None when nothing is near."""
    matches = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def suggestion(word: str, known: Sequence[str], *, shown: int = 60) -> str:
    """A hint naming the nearest known name, or else the first of them."""
    close = nearest(word, known)
    if close:
        return f"did you mean '{close}'?"
    if not known:
        return "there are none yet"
    more = ", ..." if len(known) > shown else ""
    return f"known: {', '.join(sorted(known)[:shown])}{more}"
