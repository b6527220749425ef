"""The bill of a plan, as people read it."""

from __future__ import annotations

from collections.abc import Callable

from cineforge.commands.shared.table import print_table
from cineforge.model.display.quantities import duration, money
from cineforge.model.records.plan_report import PlanForecast, PlannedStage, PlanRange, PlanReport


def print_bill(report: PlanReport) -> None:
    """A table of what the stages at work cost, and what is to be known of it."""
    rows = []
    for stage in report.stages:
        if stage.forecast is not None and (stage.at_most != 0 or stage.adopted):
            calls = _calls(stage.at_least, stage.at_most)
            rows.append(
                [stage.stage, calls, str(len(stage.adopted) or ""), *_spans(stage.forecast)]
            )
    if not rows:
        return
    adopted = sum(len(stage.adopted) for stage in report.stages)
    calls = _calls(report.at_least, report.at_most)
    rows.append(["in all", calls, str(adopted or ""), *_spans(report.forecast)])
    print()
    head = ["stage", "module calls", "adopted", "cost low/likely/high", "job time low/likely/high"]
    print_table(head, rows, right=head[1:])
    if report.not_known:
        print(
            f"not known, and not in the sum: {', '.join(report.not_known)} (no such call is on record)"
        )
    for line in filter(None, map(_open_line, report.stages)):
        print(line)
    if report.estimated:
        print(
            f"by the estimate of its module, as no call is on record: {', '.join(report.estimated)}"
        )
    if report.forecast.paid_before_usd:
        paid = money(report.forecast.paid_before_usd)
        print(
            f"{paid} was paid by an earlier try at this work, and is given back: not in what is likely"
        )
    if report.forecast.adoption_saves_usd:
        print(f"adoption saves {money(report.forecast.adoption_saves_usd)}")
    if report.forecast.may_save_usd:
        saved = money(report.forecast.may_save_usd)
        print(f"up to {saved} is saved where contents come out as they were")


def _open_line(stage: PlannedStage) -> str:
    """Why the bill of a stage has no upper end, what a call costs, and how many are likely."""
    price = stage.forecast and stage.forecast.call_usd
    if not (stage.waits_for and price and price.high):
        return ""
    stages = dict.fromkeys(each.partition("/")[0] for each in stage.waits_for)
    above = " and ".join(stages)
    likely = "nobody can tell how many are likely, so none is in the sum"
    if stage.further is not None:
        digits = 0 if stage.further >= 10 else 1
        # Where it also waits for who names the entities of those, nobody counts what comes of that yet.
        least = "at least " if len(stages) > 1 else ""
        likely = f"{least}about {stage.further:,.{digits}f} are likely"
    why = f"without an upper bound, as {above} decides how many there are"
    return f"{stage.stage}: {_span(price, money)} a call, {why}: {likely}"


def _calls(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return f"{at_least} or more"
    return str(at_least) if at_least == at_most else f"{at_least} to {at_most}"


def _spans(found: PlanForecast) -> list[str]:
    return [_span(found.usd, money), _span(found.seconds, duration)]


def _span(found: PlanRange | None, text: Callable[[float], str]) -> str:
    if found is None:
        return "not known"
    if found.low == found.likely == found.high:
        return text(found.likely)
    likely = "not known" if found.likely is None else text(found.likely)
    high = "open" if found.high is None else text(found.high)
    return f"{text(found.low)} / {likely} / {high}"
