"""A project on a random recipe, what can be done to it, and what is known of it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from cineforge import ArtifactStore
from cineforge.commands.main import main
from cineforge.history.run_files import read_events
from cineforge.model.health import ASSESSMENT_TYPE
from cineforge.model.records.run_events import JobFinished
from cineforge.model.refs import parse_ref
from tests.in_this_process import InThisProcess
from tests.property.modules import STORIES, stage_entry, write_module, write_schema
from tests.property.recipes import FIRST, SECOND, THIRD, WHOLE, Stage


@dataclass
class Inputs:
    """All that people write for a run; two projects with equal ones have equal results."""

    #: Of each stage's module, by part; the helper that all share stands under the empty name.
    revisions: dict[str, dict[str, int]] = field(default_factory=dict)
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    stories: dict[str, dict[str, Any]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    mood: str = "calm"
    note: str = ""


class Project:
    """A folder with its recipes, modules, schemas and sources."""

    def __init__(self, folder: Path, stages: tuple[Stage, ...], inputs: Inputs) -> None:
        self.folder = folder
        self.stages = stages
        self.inputs = inputs
        self.recipes = [
            name for name in (FIRST, SECOND, THIRD) if any(stage.recipe == name for stage in stages)
        ]
        self.is_whole = any(stage.listed for stage in stages)
        #: How many attempts of which instances fail from now on.
        self.failing: dict[str, int] = {}
        folder.mkdir(parents=True)
        self.fail({})
        (folder / "calls.log").touch()
        self.write()

    def write(self) -> None:
        """Bring the files to what `inputs` says."""
        folder, inputs = self.folder, self.inputs
        entries: dict[str, list[dict[str, Any]]] = {name: [] for name in self.recipes}
        for stage in self.stages:
            shared = inputs.revisions.get("", {})
            write_module(folder, stage, inputs.revisions.get(stage.id, {}) | shared)
            for name in stage.makes:
                write_schema(folder, name, inputs.titles.get(name, "any"))
            params = dict(inputs.params.get(stage.id, {}))
            if stage.is_source:
                story = inputs.stories.get(stage.id, STORIES[2])
                if stage.from_file:
                    params["file"] = f"{stage.id}.json"
                    (folder / params["file"]).write_text(json.dumps(story), encoding="utf-8")
                else:
                    params["story"] = story
            entries[stage.recipe].append(stage_entry(stage, params))
        (folder / "recipes").mkdir(exist_ok=True)
        for name in self.recipes:
            recipe = {"recipe_id": name, "description": inputs.note, "stages": entries[name]}
            (folder / "recipes" / f"{name}.yaml").write_text(
                yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8"
            )
        config: dict[str, Any] = {"project": {"mood": inputs.mood}}
        # The order in which they are listed is nothing: what reads from the other comes after it.
        config |= {"recipes": self.recipes[::-1]} if self.is_whole else {"recipe": FIRST}
        (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")

    def fail(self, failing: dict[str, int]) -> None:
        """Have so many attempts at these instances fail from now on, and no others."""
        self.failing = failing
        (self.folder / "failing.json").write_text(json.dumps(failing), encoding="utf-8")

    def fails_for_good(self, label: str) -> bool:
        """Whether all attempts fail that a stage has."""
        return self._fails(label) > self._retries(label)

    def attempts_due(self, label: str) -> int:
        """How many attempts an instance needs or may have, if it is called now."""
        return 1 + min(self._fails(label), self._retries(label))

    def _fails(self, label: str) -> int:
        return 0 if self._stage(label).pure else self.failing.get(label, 0)

    def _retries(self, label: str) -> int:
        return self._stage(label).retries

    def _stage(self, label: str) -> Stage:
        stage = label.partition("/")[0]
        return next(each for each in self.stages if each.id == stage)

    def cineforge(self, *words: str) -> tuple[int, str]:
        """The status and the output of a command, run in this process."""
        out = io.StringIO()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
            mock.patch("cineforge.running.probing.prober.WorkerPool", InThisProcess),
        ):
            status = main([*words, "--directory", str(self.folder)])
        return status, out.getvalue()

    def attempts(self) -> list[tuple[str, int]]:
        """Every attempt so far at calling a module, in order."""
        lines = (self.folder / "calls.log").read_text(encoding="utf-8").splitlines()
        words = [line.split() for line in lines]
        return [(label, int(attempt)) for label, attempt in words]

    def calls(self) -> list[str]:
        """Every module call so far, in order; further attempts at one are not counted."""
        return [label for label, attempt in self.attempts() if attempt == 1]

    def versions(self) -> set[str]:
        return {
            str(path.relative_to(self.folder))
            for path in (self.folder / "artifacts").glob("*/*/v*")
            if path.is_dir()
        }

    def runs(self) -> set[str]:
        """The ids of the runs on record."""
        return {run.name for run in (self.folder / "runs").glob("*") if run.is_dir()}

    def probed(self, runs: set[str]) -> list[tuple[str, int]]:
        """The attempts in some runs that took what a plan had made of a pure module."""
        return [
            (
                event.stage if event.entity is None else f"{event.stage}/{event.entity}",
                event.attempt,
            )
            for run in sorted(runs)
            for event in read_events(self.folder / "runs" / run)
            if isinstance(event, JobFinished) and event.probed
        ]

    def adopted(self, runs: set[str]) -> set[str]:
        """The instances that took older versions in some runs."""
        records = [self.folder / "runs" / run / "pipeline_events.jsonl" for run in runs]
        texts = [record.read_text(encoding="utf-8") for record in records if record.exists()]
        events = [json.loads(line) for text in texts for line in text.splitlines()]
        return {
            each["stage"] if each["entity"] is None else f"{each['stage']}/{each['entity']}"
            for each in events
            if each["type"] == "adopted"
        }

    def errors(self, runs: set[str]) -> list[str]:
        """Why attempts failed in some runs."""
        return [
            event.error
            for run in runs
            for event in read_events(self.folder / "runs" / run)
            if isinstance(event, JobFinished) and event.error
        ]

    def artifacts(self, recipe: str | None = None) -> list[str]:
        """What people may edit, hold and judge now: every artifact of the recipes that has not vanished."""
        if not (self.folder / "artifacts").is_dir():
            return []
        stages = [stage for stage in self.stages if recipe in (None, WHOLE, stage.recipe)]
        made = {name for stage in stages for name in stage.makes}
        with ArtifactStore(self.folder) as store:
            heads = store.heads()
        return sorted(
            str(key) for key, row in heads.items() if key.artifact_type in made and not row.vanished
        )

    def head(self, artifact: str) -> str:
        """An artifact's head."""
        with ArtifactStore(self.folder) as store:
            return str(store.head(parse_ref(artifact)[0]))

    def numbers(self, artifact: str) -> list[int]:
        """The numbers of an artifact's versions."""
        artifact_type, _, entity = artifact.partition("/")
        folder = self.folder / "artifacts" / artifact_type / (entity or "_")
        return sorted(int(path.name[1:]) for path in folder.glob("v*") if path.is_dir())

    def contents(self) -> dict[str, str]:
        """The content of every artifact that has not vanished."""
        with ArtifactStore(self.folder) as store:
            rows = store.heads()
        return {
            str(key): row.content
            for key, row in rows.items()
            if not row.vanished and key.artifact_type != ASSESSMENT_TYPE
        }

    def unexplained(self) -> Iterator[str]:
        """Heads that are ill although a whole run has just ended, and nobody holds them or what they read."""
        with ArtifactStore(self.folder) as store:
            heads = store.heads()
            held = {key for key, row in heads.items() if row.held}
            for key, row in heads.items():
                if row.vanished or row.health.value in ("valid", "confirmed_valid"):
                    continue
                above = {key, *(ref.key for ref in store.depends_on(row.ref, transitive=True))}
                if not above & held:
                    yield f"{row.ref} is {row.health.value}: {list(map(str, store.causes(row.ref)))}"
