"""A random history of a project: edits of every kind, people's words, and runs, each checked against its plan."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.property.engine import Command, Engine, Outcome
from tests.property.plan import check_run, planned
from tests.property.project import Inputs, Project
from tests.property.recipes import STORIES, Stage

#: Numbers choose among what there is at that moment, so that a step means something in every project.
CHOICE = st.integers(0, 1_000)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("run"), CHOICE, CHOICE, CHOICE),
        st.tuples(st.sampled_from(("there_and_back", "back")), CHOICE, CHOICE, CHOICE),
        st.tuples(
            st.sampled_from(("story", "story", "code", "tone", "deaf", "mood", "schema", "note")),
            CHOICE,
            CHOICE,
            CHOICE,
        ),
        st.tuples(
            st.sampled_from(("put", "put", "hold", "release", "confirm", "revise")),
            CHOICE,
            CHOICE,
            CHOICE,
        ),
    ),
    max_size=9,
)


@dataclass
class History:
    """A project, how its runs are carried out, and what has happened in it so far."""

    project: Project
    engine: Engine
    told: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    #: What people had written at each run so far.
    past: list[Inputs] = field(default_factory=list)
    #: Whether people had a say in any content; then equal inputs need not give equal results.
    overruled: bool = False

    def step(self, kind: str, *choices: int) -> None:
        self.told.append(f"{kind} {choices}")
        getattr(self, f"_{kind}")(*choices)

    def close(self) -> None:
        """A whole run at the end, after which nothing is left, and all is as if it had been made at once."""
        outcome = self.run_as_planned(Command(order=len(self.told)))
        assert outcome == Outcome(), outcome
        unexplained = list(self.project.unexplained())
        assert not unexplained, unexplained
        if not self.overruled:
            self._compare_with_a_clean_one()

    # -- edits -----------------------------------------------------------------------------------------

    def _story(self, which: int, other: int, _third: int) -> None:
        sources = [stage for stage in self.project.stages if stage.is_source]
        stage = sources[which % len(sources)]
        self.project.inputs.stories[stage.id] = STORIES[other % len(STORIES)]
        self.project.write()

    def _code(self, which: int, revision: int, _third: int) -> None:
        self.project.inputs.revisions[self._stage(which).id] = revision % 3
        self.project.write()

    def _tone(self, which: int, tone: int, _third: int) -> None:
        self._params(which)["tone"] = tone % 3
        self.project.write()

    def _deaf(self, which: int, deaf: int, _third: int) -> None:
        self._params(which)["deaf"] = bool(deaf % 2)
        self.project.write()

    def _mood(self, mood: int, _second: int, _third: int) -> None:
        self.project.inputs.mood = ("calm", "wild")[mood % 2]
        self.project.write()

    def _schema(self, which: int, title: int, _third: int) -> None:
        types = sorted(name for stage in self.project.stages for name in stage.makes)
        self.project.inputs.titles[types[which % len(types)]] = ("any", "other")[title % 2]
        self.project.write()

    def _note(self, note: int, _second: int, _third: int) -> None:
        """Change what counts for nothing."""
        self.project.inputs.note = f"note {note}"
        self.project.write()

    def _back(self, which: int, target: int, force: int) -> None:
        """Undo everything since an earlier run."""
        if self.past:
            self.project.inputs = deepcopy(self.past[which % len(self.past)])
            self.project.write()
            self.run_as_planned(self._command(target, force))

    def _there_and_back(self, which: int, value: int, target: int) -> None:
        """An edit that is run and then undone: the older work is taken."""
        self.run_as_planned(Command(order=which))
        before = deepcopy(self.project.inputs)
        edit = (self._story, self._code, self._tone)[value % 3]
        edit(which, value // 3, 0)
        self.run_as_planned(Command(order=value))
        self.project.inputs = before
        self.project.write()
        self.run_as_planned(self._command(target, 5))

    def _stage(self, which: int) -> Stage:
        return self.project.stages[which % len(self.project.stages)]

    def _params(self, which: int) -> dict[str, Any]:
        return self.project.inputs.params.setdefault(self._stage(which).id, {})

    # -- people ----------------------------------------------------------------------------------------

    def _put(self, which: int, text: int, cut: int) -> None:
        chosen = self._artifact(which)
        if chosen is None:
            return
        artifact_type, _, entity = chosen.partition("/")
        current = self.project.folder / "current" / artifact_type / f"{entity or '_'}.json"
        data = json.loads(current.read_text(encoding="utf-8"))
        data["text"] = f"by hand {text % 2}"
        if cut % 2 and data.get("parts"):
            data["parts"].pop(sorted(data["parts"])[0])
        file = self.project.folder / "edited.json"
        file.write_text(json.dumps(data), encoding="utf-8")
        self._say("put", artifact_type, *([entity] if entity else []), str(file))

    def _hold(self, which: int, _second: int, _third: int) -> None:
        self._judge("hold", which)

    def _release(self, which: int, _second: int, _third: int) -> None:
        self._judge("release", which)

    def _confirm(self, which: int, _second: int, _third: int) -> None:
        self._judge("confirm", which)

    def _revise(self, which: int, _second: int, _third: int) -> None:
        self._judge("revise", which)

    def _judge(self, verb: str, which: int) -> None:
        chosen = self._artifact(which)
        if chosen is not None:
            self._say(verb, chosen)

    def _say(self, *words: str) -> None:
        status, said = self.project.cineforge(*words)
        self.told[-1] += f": {' '.join(words)} -> {said.strip()}"
        # To release what nobody holds is refused.
        assert status == 0 or words[0] == "release", said
        self.overruled = True

    def _artifact(self, which: int) -> str | None:
        known = self.project.artifacts()
        return known[which % len(known)] if known else None

    # -- runs ------------------------------------------------------------------------------------------

    def _run(self, target: int, force: int, fail: int) -> None:
        command = self._command(target, force)
        failing: frozenset[str] = frozenset()
        if fail % 4 == 0:
            labels = sorted({*self.project.calls(), *(each.id for each in self.project.stages)})
            failing = frozenset(labels[fail // 4 % len(labels) :][:2])
        self.project.fail(failing)
        outcome = self.run_as_planned(command)
        self.project.fail(frozenset())
        if outcome.failed:
            assert outcome.failed <= failing, outcome.failed
            self.run_as_planned(command.unforced())

    def _command(self, target: int, force: int) -> Command:
        stages = [stage.id for stage in self.project.stages]
        known = self.project.artifacts()
        targets = ["all", f"all_{stages[target // 3 % len(stages)]}"]
        if known:
            artifact_type, _, entity = known[target // 3 % len(known)].partition("/")
            targets.append(f"current/{artifact_type}/{entity or '_'}.json")
        chosen = targets[target % len(targets)]
        kind, rest = force % 6, force // 6
        if kind == 0:
            return Command((chosen,), (stages[rest % len(stages)],), order=force)
        if kind == 1:
            return Command(("all",), (), True, order=force)
        if kind == 2:
            return Command((chosen,), (), False, stages[rest % len(stages)], order=force)
        if kind == 3 and known:
            artifact_type, _, entity = known[rest % len(known)].partition("/")
            path = f"current/{artifact_type}/{entity or '_'}.json"
            return Command((chosen,), (path,), order=force)
        return Command((chosen,), order=force)

    def run_as_planned(self, command: Command) -> Outcome:
        """A run that does what was planned, and that leaves nothing to do."""
        self.told.append(str(command))
        outcome = self._once(command)
        if not outcome.failed and not outcome.refused:
            again = command.unforced()
            before = self.project.versions()
            second = planned(self.project, again)
            assert second.up_to_date, (
                f"after {command} there is still something to do: {second.text}"
            )
            calls = self.project.calls()
            outcome_again = self.engine(self.project.folder, again)
            assert outcome_again == Outcome(), outcome_again
            assert self.project.calls() == calls
            assert self.project.versions() == before
        return outcome

    def _once(self, command: Command) -> Outcome:
        plan = planned(self.project, command)
        calls, versions, runs = self.project.calls(), self.project.versions(), self.project.runs()
        outcome = self.engine(self.project.folder, command)
        called = self.project.calls()[len(calls) :]
        adopted = self.project.adopted(self.project.runs() - runs)
        check_run(plan, called, adopted, outcome)
        if plan.up_to_date:
            kinds = {name.split("/")[1] for name in self.project.versions() - versions}
            assert kinds <= {"project_config"}, kinds
        self.past.append(deepcopy(self.project.inputs))
        self.counts["runs"] += 1
        self.counts["module calls"] += len(called)
        self.counts["adopted"] += len(adopted)
        self.counts["failed"] += len(outcome.failed)
        self.counts["refused"] += bool(outcome.refused)
        return outcome

    def _compare_with_a_clean_one(self) -> None:
        folder = self.project.folder.with_name("clean")
        clean = Project(folder, self.project.stages, deepcopy(self.project.inputs))
        outcome = self.engine(folder, Command())
        assert outcome == Outcome(), outcome
        mine, theirs = self.project.contents(), clean.contents()
        collections = {name for name in mine if ".members" in name}
        assert {n: c for n, c in mine.items() if n not in collections} == {
            n: c for n, c in theirs.items() if ".members" not in n
        }


def live_through(
    folder: Path, stages: tuple[Stage, ...], steps: list[tuple[Any, ...]], engine: Engine
) -> History:
    """A whole history; whatever does not hold is raised, with all that had happened."""
    history = History(Project(folder / "film", stages, Inputs()), engine)
    try:
        for step in steps:
            history.step(*step)
        history.close()
    except BaseException as error:
        error.add_note("\n".join([*map(str, stages), *history.told]))
        raise
    return history
