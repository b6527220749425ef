"""Two runs side by side: what each did with an instance, why, at what cost, and whether the content came out alike."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from cineforge.history.reading.run_reading import find_run, read_run
from cineforge.history.run_files import read_state
from cineforge.model.errors import CineForgeError, StoreDamaged
from cineforge.model.records.run_state import InstanceRecord, RunState
from cineforge.model.refs import parse_ref
from cineforge.project import Project
from cineforge.ui.pages.run_pages import instance_name
from cineforge.ui.web import Asked

SHOWN = 100


@dataclass(frozen=True)
class Made:
    """What both runs have for one artifact; `alike` is None where one of the contents is not known."""

    before: str
    after: str
    alike: bool | None


@dataclass(frozen=True)
class Pair:
    """What two runs did with one instance; None where a run had nothing to do with it."""

    instance: str
    a: InstanceRecord | None
    b: InstanceRecord | None

    @property
    def differs(self) -> bool:
        return (self.a and (self.a.state, self.a.artifacts)) != (
            self.b and (self.b.state, self.b.artifacts)
        )


def compare(asked: Asked) -> Response:
    """The page of two runs."""
    a, b = asked.query("a"), asked.query("b")
    project = asked.site.folder
    states = []
    for run_id in (a, b):
        found = read_run(find_run(project, run_id), read_state)
        if found.state is None:
            raise StoreDamaged(found.trouble)
        states.append(found.state)
    start = asked.number("from")
    every = pairs(*states)
    rows = [each for each in every if each.differs or asked.query("all")]
    with asked.site.open() as opened:
        part = [(each, made(opened, each)) for each in rows[start : start + SHOWN]]
    return asked.page(
        "run_compare.html",
        title="Compare two runs",
        a=states[0],
        b=states[1],
        rows=part,
        total=len(rows),
        alike=len(every) - len(rows),
        start=start,
        shown=SHOWN,
        everything=bool(asked.query("all")),
    )


def pairs(a: RunState, b: RunState) -> list[Pair]:
    """The instances of both runs, in the order of the stages."""
    found: dict[str, tuple[InstanceRecord | None, InstanceRecord | None]] = {}
    for place, state in enumerate((a, b)):
        for stage in state.stages:
            for record in stage.instances:
                name = instance_name(stage.stage, record)
                before = found.get(name, (None, None))
                found[name] = (record, before[1]) if place == 0 else (before[0], record)
    return [Pair(name, *both) for name, both in found.items()]


def made(project: Project, pair: Pair) -> list[Made]:
    """The artifacts of both, matched by name, with whether their contents are alike."""
    before = _by_name(pair.a)
    after = _by_name(pair.b)
    names = list(dict.fromkeys((*before, *after)))[:20]
    return [_made(project, before.get(name, ""), after.get(name, "")) for name in names]


def _made(project: Project, before: str, after: str) -> Made:
    contents = [_content(project, each) for each in (before, after)]
    return Made(before, after, contents[0] == contents[1] if all(contents) else None)


def _by_name(record: InstanceRecord | None) -> dict[str, str]:
    return {ref.partition("@")[0]: ref for ref in (record.artifacts if record else ())}


def _content(project: Project, ref: str) -> str:
    if not ref:
        return ""
    try:
        key, version = parse_ref(ref)
        return project.store.metadata(project.ref(f"{key}@{version}")).content
    except CineForgeError:
        return ""
