"""A recipe as far as it can be read: the sound stages go on to further checks, beside the mistakes in the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from cineforge.model.errors import NotFound, Problem, ProblemsFound, suggestion
from cineforge.recipes.modules.discovery import ModuleCatalog
from cineforge.recipes.modules.manifest import OutputEntry
from cineforge.recipes.modules.module_folder import FoundModule
from cineforge.recipes.reading.key_paths import KeyPath, shown
from cineforge.recipes.reading.problems import model_problems
from cineforge.recipes.reading.yaml_source import YamlDocument
from cineforge.recipes.recipe import RecipeFile, StageEntry


@dataclass(frozen=True)
class DraftStage:
    """A stage of the recipe file at `stages[index]`; `found` is None when its module cannot be used.

    `unread` are the keys whose values were mistaken and are left out of `entry`. `also_needs` are stages that it reads
    although the recipe names others: those that refine what it reads.
    """

    index: int
    entry: StageEntry
    found: FoundModule | None
    unread: frozenset[str] = frozenset()
    also_needs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def needs(self) -> list[str]:
        return [*self.entry.needs, *self.also_needs]

    @cached_property
    def outputs(self) -> list[OutputEntry]:
        """What it makes, by the names that the recipe gives it."""
        made = self.found.manifest.outputs if self.found else []
        return [_renamed(each, self.entry.outputs.get(each.type)) for each in made]

    @property
    def refines(self) -> str | None:
        """The type that it refines, unless the recipe calls what it makes otherwise."""
        wanted = self.found.manifest.refines if self.found else None
        return None if wanted is None or wanted in self.entry.outputs else wanted

    @property
    def is_fan_out(self) -> bool:
        return any(output.many for output in self.outputs)

    def place(self, *keys: str | int) -> KeyPath:
        """The key path of one of its keys in the recipe file."""
        return ("stages", self.index, *keys)


@dataclass
class Draft:
    """The stages by id, and the ids of stages that could not be read at all."""

    document: YamlDocument
    stages: dict[str, DraftStage] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def report(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Add a mistake at a key path of the recipe file."""
        self.problems.append(self.document.problem(path, message, hint))

    def is_vague(self, stage: DraftStage) -> bool:
        """Whether what feeds a stage is unknown because of a mistake elsewhere, reported already."""
        if stage.unread & {"needs", "inputs", "store_inputs", "optional_store_inputs"}:
            return True
        needed = [self.stages.get(name) for name in stage.entry.needs]
        return any(other is None or other.found is None for other in needed)

    def upstream(self, stage: DraftStage) -> list[DraftStage]:
        """Every stage whose data reaches `stage`, direct and transitive, nearest first."""
        found: dict[str, DraftStage] = {}
        pending = list(stage.needs)
        while pending:
            name = pending.pop(0)
            other = self.stages.get(name)
            if other is not None and name not in found:
                found[name] = other
                pending += other.needs
        return list(found.values())


def _renamed(output: OutputEntry, name: str | None) -> OutputEntry:
    if name is None:
        return output
    return output.model_copy(
        update={"type": name, "schema_name": output.schema_name or output.type}
    )


def read_draft(document: YamlDocument, catalog: ModuleCatalog) -> Draft:
    """The readable part of a recipe, its modules looked up, with the problems so far."""
    draft = Draft(document, problems=list(document.problems))
    data: Mapping[str, Any] = document.data
    bad: set[KeyPath] = set()
    try:
        RecipeFile.model_validate(data)
    except ValidationError as error:
        draft.problems += model_problems(error, document, RecipeFile)
        bad = {finding["loc"] for finding in error.errors(include_url=False)}
    raw_stages = data.get("stages")
    for index, raw in enumerate(raw_stages if isinstance(raw_stages, list) else []):
        if isinstance(raw, Mapping):
            _add_stage(
                draft,
                index,
                raw,
                {path[2:] for path in bad if path[:2] == ("stages", index)},
                catalog,
            )
    return draft


def _add_stage(
    draft: Draft, index: int, raw: Mapping[str, Any], bad: set[KeyPath], catalog: ModuleCatalog
) -> None:
    bad_keys = {path[0] for path in bad if path}
    if {"id", "module"} & bad_keys:
        if isinstance(raw.get("id"), str):
            draft.unreadable.add(raw["id"])
        return
    entry = StageEntry.model_validate({k: v for k, v in raw.items() if k not in bad_keys})
    first = draft.stages.get(entry.id)
    if first is not None:
        line = draft.document.line(first.place("id"))
        where = f"line {line}" if line else f"stages[{first.index}]"
        message = f"the stage id '{entry.id}' is already taken in {where}"
        draft.report(("stages", index, "id"), message, "give each stage an id of its own")
        return
    found = _module(draft, index, entry, catalog)
    unread = frozenset(str(key) for key in bad_keys)
    draft.stages[entry.id] = DraftStage(index, entry, found, unread)


def _module(
    draft: Draft, index: int, entry: StageEntry, catalog: ModuleCatalog
) -> FoundModule | None:
    try:
        return catalog.get(entry.module)
    except NotFound:
        message = f"there is no module {shown(entry.module)}"
        hint = suggestion(entry.module, catalog.names())
        draft.report(("stages", index, "module"), message, hint)
    except ProblemsFound as found:
        # Several stages may use the broken module.
        draft.problems += [problem for problem in found.problems if problem not in draft.problems]
    return None
