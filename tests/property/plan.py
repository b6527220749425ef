"""What `cineforge plan` says, and whether a run kept to it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.property.engine import Command, Outcome
from tests.property.kept import require_same_without
from tests.property.project import Project
from tests.property.recipes import Stage


@dataclass(frozen=True)
class Planned:
    """One answer. `calls` will call their modules, `may_call` may; `open_stages` may have members nobody knows yet.

    `is_idle` says that a run would do nothing. What another recipe is to make first, it leaves alone, and what
    `waits_for` somebody to approve something. What is `possible` need not be asked for at all.
    """

    text: str
    is_idle: bool
    refused: bool
    calls: frozenset[str] = frozenset()
    may_call: frozenset[str] = frozenset()
    adopts: frozenset[str] = frozenset()
    open_stages: frozenset[str] = frozenset()
    at_most: int | None = 0
    waits_for: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()

    @property
    def at_work(self) -> set[str]:
        """The stages that call their modules, or may."""
        called = {label.partition("/")[0] for label in self.calls | self.may_call}
        return called | self.open_stages


def planned(project: Project, command: Command) -> Planned:
    """Ask for the plan of a command."""
    words = ("plan", *command.words(), "--json")
    status, said = project.cineforge(*words)
    require_same_without(project, words, said)
    if not said.startswith("{"):
        return Planned(said, False, refused=True)
    report = json.loads(said)
    assert (status == 0) == report["up_to_date"], said
    calls, may_call, adopts, open_stages = set[str](), set[str](), set[str](), set[str]()
    unknown, possible = set[str](), set[str]()
    gates = set[str]()
    for stage in report["stages"]:
        recalled = set(stage["recalled"])
        build = {each["instance"] for each in stage["build"]}
        calls |= build - recalled
        may_call |= recalled
        unknown |= {each["instance"] for each in stage["unknown"]}
        possible |= {each["instance"] for each in stage["possible"]}
        adopts |= {each["instance"] for each in stage["adopted"]}
        gates |= {gate for each in stage["waiting"] for gate in each["gates"]}
        if stage["waits_for"]:
            open_stages.add(stage["stage"])
    may_call |= unknown | possible
    is_idle = not (calls or may_call or adopts or open_stages)
    assert report["up_to_date"] == (is_idle and not report["first"] and not gates), said
    return Planned(
        said,
        is_idle,
        False,
        frozenset(calls),
        frozenset(may_call),
        frozenset(adopts),
        frozenset(open_stages),
        report["at_most"],
        frozenset(gates),
        frozenset(unknown),
        frozenset(possible),
    )


def require_exact(plan: Planned, stages: tuple[Stage, ...]) -> None:
    """Nothing may be unknown but what stands below modules that a plan cannot run, or is there for what does."""
    impure = {stage.id for stage in stages if not stage.pure} & plan.at_work
    unknown = {label.partition("/")[0] for label in plan.unknown} | plan.open_stages
    possible = {label.partition("/")[0] for label in plan.possible} - unknown
    needless = {name for name in unknown if not _above(name, stages) & impure}
    for name in possible:
        # Whether it is asked for at all is told by those who ask.
        those = {name, *(each.id for each in stages if name in _above(each.id, stages, after=True))}
        if not any(_above(each, stages) & impure for each in those):
            needless.add(name)
    assert not needless, (
        f"not known, though only pure stages stand before it: {needless}; {plan.text}"
    )


def _above(name: str, stages: tuple[Stage, ...], *, after: bool = False) -> set[str]:
    """The stages that make what a stage reads, or name what it works for, over any number of steps.

    With `after`, those too after which a stage comes although it reads nothing of them.
    """
    found, pending = set[str](), [name]
    while pending:
        asked = pending.pop()
        at = next(stage for stage in stages if stage.id == asked)
        types = {read.artifact_type for read in at.reads} | {at.for_each}
        more = {stage.id for stage in stages if stage.makes.keys() & types}
        more = (more | set(at.after if after else ())) - found - {name}
        found |= more
        pending += more
    return found


def check_run(plan: Planned, called: list[str], adopted: set[str], outcome: Outcome) -> None:
    """A run must have done what was planned: module call for module call, or within the range."""
    done = set(called)
    assert len(called) == len(done), f"called more than once: {called}"
    if plan.refused:
        assert outcome.refused, f"planned: {plan.text}, but the run went on and called {called}"
        assert not called
        return
    assert called or not outcome.refused, f"refused, though planned: {outcome.refused}; {plan.text}"
    beyond = {
        label
        for label in (done | adopted) - plan.calls - plan.may_call - plan.adopts
        if label.partition("/")[0] not in plan.open_stages
    }
    assert not beyond, f"done without having been planned: {beyond}; {plan.text}"
    assert not done & plan.adopts, f"called, though planned as adopted: {done & plan.adopts}"
    if outcome.failed or outcome.refused:
        return
    missing = plan.calls - done
    assert not missing, f"planned, but not called: {missing}; adopted {adopted}; {plan.text}"
    assert plan.adopts <= adopted, f"not adopted: {plan.adopts - adopted}; {plan.text}"
    assert not adopted & plan.calls, f"adopted: {adopted & plan.calls}; {plan.text}"
    assert (plan.at_most is None) == bool(plan.open_stages), plan.text
    if plan.at_most is not None:
        assert len(called) <= plan.at_most
