"""What may happen to a project: edits of every kind, people's words, and runs."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.property.choosing import chosen_command
from tests.property.during import edits, files, said_by_commands, typed
from tests.property.engine import Command, Engine
from tests.property.history import History
from tests.property.modules import PARTS, STORIES
from tests.property.project import Inputs, Project
from tests.property.recipes import Stage

#: Numbers choose among what there is at that moment, so that a step means something in every project.
CHOICE = st.integers(0, 1_000_000)
_EDITS = ("story", "story", "code", "tone", "deaf", "mood", "schema", "note")
_WORDS = ("put", "put", "hold", "release", "confirm", "revise", "revise_version")
STEPS = st.lists(
    st.one_of(
        *(
            st.tuples(st.sampled_from(kinds), CHOICE, CHOICE, CHOICE)
            for kinds in (
                ("run",),
                ("run", "there_and_back", "back", "edited_midway", "people_midway", "on_a_budget"),
                _EDITS,
                _WORDS,
            )
        )
    ),
    max_size=9,
)
Steps = list[tuple[Any, ...]]


def live_through(folder: Path, stages: tuple[Stage, ...], steps: Steps, engine: Engine) -> History:
    """A whole history; whatever does not hold is raised, with all that had happened."""
    history = History(Project(folder / "film", stages, Inputs()), engine)
    try:
        for kind, *choices in steps:
            history.told.append(f"{kind} {tuple(choices)}")
            getattr(_Steps(history), kind)(*choices)
        history.close()
    except BaseException as error:
        error.add_note("\n".join([*map(str, stages), *history.told]))
        raise
    return history


class _Steps:
    """Each kind of step."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._project = history.project
        self._inputs = history.project.inputs

    # -- edits -----------------------------------------------------------------------------------------

    def story(self, which: int, other: int, _third: int) -> None:
        sources = [stage for stage in self._project.stages if stage.is_source]
        stage = sources[which % len(sources)]
        self._inputs.stories[stage.id] = STORIES[other % len(STORIES)]
        self._project.write()

    def code(self, which: int, revision: int, part: int) -> None:
        name = PARTS[part % len(PARTS)]
        owner = "" if name == "tool" else self._stage(which).id
        self._inputs.revisions.setdefault(owner, {})[name] = revision % 3
        self._project.write()

    def tone(self, which: int, tone: int, _third: int) -> None:
        self._params(which)["tone"] = tone % 3
        self._project.write()

    def deaf(self, which: int, deaf: int, _third: int) -> None:
        self._params(which)["deaf"] = bool(deaf % 2)
        self._project.write()

    def mood(self, mood: int, _second: int, _third: int) -> None:
        self._inputs.mood = ("calm", "wild")[mood % 2]
        self._project.write()

    def schema(self, which: int, title: int, _third: int) -> None:
        types = sorted(name for stage in self._project.stages for name in stage.makes)
        self._inputs.titles[types[which % len(types)]] = ("any", "other")[title % 2]
        self._project.write()

    def note(self, note: int, _second: int, _third: int) -> None:
        """Change what counts for nothing."""
        self._inputs.note = f"note {note}"
        self._project.write()

    def back(self, which: int, target: int, kind: int) -> None:
        """Undo everything since an earlier run."""
        past = self._history.past
        if past:
            self._project.inputs = deepcopy(past[which % len(past)])
            self._project.write()
            self._history.run_as_planned(chosen_command(self._project, target, kind))

    def there_and_back(self, which: int, value: int, target: int) -> None:
        """An edit that is run and then undone: the older work is taken."""
        self._history.run_as_planned(Command(order=which))
        before = deepcopy(self._inputs)
        edit = (self.story, self.code, self.tone)[value % 3]
        edit(which, value // 3, 0)
        self._history.run_as_planned(Command(order=value))
        self._project.inputs = before
        self._project.write()
        self._history.run_as_planned(chosen_command(self._project, target, 0))

    def _stage(self, which: int) -> Stage:
        return self._project.stages[which % len(self._project.stages)]

    def _params(self, which: int) -> dict[str, Any]:
        return self._inputs.params.setdefault(self._stage(which).id, {})

    # -- people ----------------------------------------------------------------------------------------

    def put(self, which: int, text: int, cut: int) -> None:
        chosen = self._artifact(which)
        if chosen is not None:
            self._say(*self._put_words(chosen, text, cut))

    def _put_words(self, chosen: str, text: int, cut: int) -> list[str]:
        artifact_type, _, entity = chosen.partition("/")
        current = self._project.folder / "current" / artifact_type / f"{entity or '_'}.json"
        data = json.loads(current.read_text(encoding="utf-8"))
        data["text"] = f"by hand {text % 2}"
        if cut % 2 and data.get("parts"):
            data["parts"].pop(sorted(data["parts"])[0])
        file = self._project.folder / "edited.json"
        file.write_text(json.dumps(data), encoding="utf-8")
        return ["put", artifact_type, *([entity] if entity else []), str(file)]

    def hold(self, which: int, _second: int, _third: int) -> None:
        self._judge("hold", which)

    def release(self, which: int, _second: int, _third: int) -> None:
        self._judge("release", which)

    def confirm(self, which: int, _second: int, _third: int) -> None:
        self._judge("confirm", which)

    def revise(self, which: int, _second: int, _third: int) -> None:
        self._judge("revise", which)

    def revise_version(self, which: int, version: int, _third: int) -> None:
        """Ask for a revision of what may not be a head any more: it is not to be adopted."""
        chosen = self._artifact(which)
        if chosen is not None:
            versions = self._project.numbers(chosen)
            self._say("revise", f"{chosen}@{versions[version % len(versions)]}")

    def _judge(self, verb: str, which: int) -> None:
        chosen = self._artifact(which)
        if chosen is not None:
            self._say(verb, chosen)

    def _say(self, *words: str) -> None:
        status, said = self._project.cineforge(*words)
        self._history.told[-1] += f": {' '.join(words)} -> {said.strip()}"
        # To release what nobody holds is refused.
        assert status == 0 or words[0] == "release", said
        self._history.overruled = True

    def _artifact(self, which: int) -> str | None:
        known = self._project.artifacts()
        return known[which % len(known)] if known else None

    # -- runs ------------------------------------------------------------------------------------------

    def edited_midway(self, target: int, edit: int, moment: int) -> None:
        """A run in which files change; they stay so, or are brought back at once, or when the run has ended."""
        project, command = self._project, chosen_command(self._project, target, edit)
        before, written = deepcopy(self._inputs), files(project.folder)
        kinds = (self.code, self.code, self.code, self.code, self.story, self.schema, self.tone)
        kinds[edit % len(kinds)](moment, edit // 7, edit // 21)
        after, edited = project.inputs, files(project.folder)
        project.inputs = before
        project.write()
        unseen, call, back = moment % 2 == 0, 1 + moment // 2 % 3, ("no", "at once", "later")
        goes_back = back[moment // 6 % 3]
        deeds = list(edits(written, edited, unseen=unseen))
        if goes_back == "at once":
            deeds += edits(edited, written, unseen=unseen)
        happened = self._history.run_with(command, call, deeds)
        self._history.told[-1] += f", back: {goes_back}"
        if happened and goes_back == "no":
            project.inputs = after
        project.write()

    def people_midway(self, target: int, which: int, moment: int) -> None:
        """A run in which somebody puts, holds or releases: what was said to be held is the head when it has ended."""
        chosen = self._artifact(which)
        if chosen is None:
            return
        verb = ("put", "hold", "put", "hold", "release")[moment % 5]
        words = [verb, chosen] if verb != "put" else self._put_words(chosen, which // 7, target)
        command = chosen_command(self._project, target, which // 3)
        deeds = [typed(*words, "--json")]
        if not self._history.run_with(command, 1 + moment // 5 % 3, deeds):
            return
        self._history.overruled = True
        ((status, said),) = said_by_commands(self._project.folder)
        self._history.told[-1] += f" -> {said.strip()}"
        assert status == 0 or verb == "release", said
        if verb != "release":
            record = json.loads(said)
            assert self._project.head(chosen) == (record.get("saved") or record["head"])

    def on_a_budget(self, target: int, kind: int, cents: int) -> None:
        command = chosen_command(self._project, target, kind)
        self._history.run_within(replace(command, budget=cents % 12 / 100))

    def run(self, target: int, kind: int, fail: int) -> None:
        command = chosen_command(self._project, target, kind)
        failing: dict[str, int] = {}
        if fail % 3 == 1:
            stages = [stage.id for stage in self._project.stages]
            labels = sorted({*self._project.calls(), *stages})
            first = fail // 9 % len(labels)
            failing = dict.fromkeys(labels[first : first + 4], 1 + fail // 3 % 3)
        self._project.fail(failing)
        outcome = self._history.run_as_planned(command)
        self._project.fail({})
        if outcome.failed:
            self._history.run_as_planned(command.unforced())
