"""Asks before a run that may spend more than a person wants to spend unasked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cineforge.bridge.wording import listed
from cineforge.model.display.quantities import money
from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from cineforge.model.records.plan_report import PlanReport


class NotConfirmed(CineForgeError):
    """Nobody said yes to what a run may spend."""


def confirm(report: PlanReport, above: float) -> None:
    """Ask, if a run may spend more than `above` US dollars. Raises NotConfirmed unless the answer is yes."""
    bill = _may_exceed(report, above)
    if not bill:
        return
    question = f"this run may spend more than {money(above)}: {bill}"
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        raise NotConfirmed(f"{question}. Nobody can be asked here: --yes lets it go on")
    try:
        answer = input(f"{question}. Go on? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise NotConfirmed("nothing was run")


def _may_exceed(report: PlanReport, above: float) -> str:
    """The bill in words when it may be higher than that; else nothing."""
    usd, parts = report.forecast.usd, []
    if usd is not None and (usd.high is None or usd.high > above):
        high = "with no upper bound" if usd.high is None else f"at most {money(usd.high)}"
        likely = "not known" if usd.likely is None else money(usd.likely)
        parts.append(f"likely {likely}, {high}")
    if report.not_known:
        parts.append(f"not known for {listed(report.not_known)}")
    return "; ".join(parts)
