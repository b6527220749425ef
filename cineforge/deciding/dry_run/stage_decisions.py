"""The answer to what a run would do, stage by stage, and the limits that may be set to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cineforge.deciding.decide import Decision
from cineforge.deciding.instance import Instance
from cineforge.deciding.selection import Selection


@dataclass(frozen=True)
class Alike:
    """Decisions of which all that matters is known without a look at any: so many instances wait. `tell` tells each."""

    count: int = 0
    tell: Callable[[], Sequence[Decision]] = tuple


@dataclass
class StageDecisions:
    """The decisions of one stage.

    `build` will be built, `adopted` takes older versions at no cost, `unknown` turns out when something upstream
    has run; `held` and `as_is` are kept although they may not have seen everything. While fan-outs in `waits_for`
    have yet to run, it is not known which instances there will be; `possible` are those of the members known today
    that may have work, and so are those in `alike`. `waiting` has to wait until somebody approves what it reads.
    `recalled` are those of `build` that may turn out to be work that was done before.
    """

    stage: str
    build: list[Decision] = field(default_factory=list)
    adopted: list[Decision] = field(default_factory=list)
    unknown: list[Decision] = field(default_factory=list)
    possible: list[Decision] = field(default_factory=list)
    held: list[Decision] = field(default_factory=list)
    as_is: list[Decision] = field(default_factory=list)
    kept: list[Decision] = field(default_factory=list)
    waiting: list[Decision] = field(default_factory=list)
    waits_for: tuple[Instance, ...] = ()
    recalled: set[Instance] = field(default_factory=set)
    alike: Alike = Alike()

    @property
    def at_least(self) -> int:
        """Module calls that are certain."""
        return len(self.build) - len(self.recalled)

    @property
    def at_most(self) -> int:
        """Module calls that there can be, with the members known today."""
        return len(self.build) + len(self.unknown) + self.possible_count

    @property
    def is_up_to_date(self) -> bool:
        return not (self.at_most or self.adopted or self.waits_for or self.waiting)

    @property
    def is_empty(self) -> bool:
        return self.is_up_to_date and not (self.held or self.as_is or self.kept)

    @property
    def possible_count(self) -> int:
        """How many of the members known today may have work."""
        return len(self.possible) + self.alike.count

    @property
    def at_work(self) -> list[Decision]:
        """Every instance of which a new version will or may come."""
        return [*self.each_at_work, *self.alike.tell()]

    @property
    def each_at_work(self) -> list[Decision]:
        """Those of them of which more is to be said than that they wait."""
        return [*self.build, *self.adopted, *self.unknown, *self.possible]


@dataclass(frozen=True)
class Limits:
    """Snakemake's `--until` and `--omit-from`: nothing but what these need; without what depends on those.

    `until` names stages among what is asked for; what `targets` takes is asked for instead.
    """

    until: frozenset[str] = frozenset()
    targets: Selection | None = None
    omit: frozenset[str] = frozenset()
