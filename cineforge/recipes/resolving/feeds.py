"""What feeds the inputs of a stage: an output of a stage it needs, or an artifact of the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cineforge.model.errors import nearest, suggestion
from cineforge.model.health import RESERVED_TYPES
from cineforge.recipes.modules.manifest import ANY_TYPE, InputEntry, OutputEntry
from cineforge.recipes.modules.module_folder import FoundModule
from cineforge.recipes.reading.key_paths import shown
from cineforge.recipes.resolving.partial_recipe import Draft, DraftStage
from cineforge.recipes.resolving.refinement import Chains


@dataclass(frozen=True)
class Feed:
    """What an input takes: a type, and the stage that makes it (None: the store alone has it)."""

    producer: DraftStage | None
    artifact_type: str

    @property
    def output(self) -> OutputEntry | None:
        outputs = self.producer.outputs if self.producer else []
        return next((its for its in outputs if its.type == self.artifact_type), None)

    def __str__(self) -> str:
        source = f"of stage '{self.producer.id}'" if self.producer else "of the store"
        return f"'{self.artifact_type}' {source}"


def makers_of(draft: Draft) -> dict[str, DraftStage]:
    """The stage that makes each type out of others; a second one is a problem."""
    makers: dict[str, DraftStage] = {}
    for stage in draft.stages.values():
        for output in stage.outputs:
            if output.type == stage.refines:
                continue
            first = makers.setdefault(output.type, stage)
            if first is not stage:
                message = f"makes '{output.type}', as stage '{first.id}' does already"
                hint = (
                    "within a recipe one stage makes a type: give one of the two another name,"
                    f" e.g. outputs: {{{output.type}: {output.type}_b}}"
                )
                draft.report(stage.place("module"), message, hint)
    return makers


class Feeder:
    """Finds what feeds each input of a stage; what is missing or unclear is reported to the draft."""

    def __init__(self, draft: Draft, chains: Chains) -> None:
        self._draft = draft
        self._chains = chains
        self._makers = {
            name: last
            for name in {*chains.first, *chains.refiners}
            if (last := chains.last(name)) is not None
        }

    def feeds(self, stage: DraftStage, found: FoundModule) -> dict[str, Feed]:
        """What feeds each input of a stage. Optional inputs that nothing feeds are left out."""
        self._check_input_choices(stage, found)
        self._check_output_names(stage, found)
        self._check_store_inputs(stage, found)
        feeds = {
            name: self._feed_any(stage, name, spec)
            if spec.type == ANY_TYPE
            else self._feed_typed(stage, found, name, spec)
            for name, spec in found.manifest.inputs.items()
        }
        return {name: feed for name, feed in feeds.items() if feed is not None}

    def _check_input_choices(self, stage: DraftStage, found: FoundModule) -> None:
        inputs = found.manifest.inputs
        for name in stage.entry.inputs:
            place = stage.place("inputs", name)
            if name not in inputs:
                message = f"the module {stage.entry.module} has no input {shown(name)}"
                self._draft.report(place, message, suggestion(name, list(inputs)))
            elif inputs[name].type != ANY_TYPE and not self._is_named_output(stage, name, found):
                message = f"pointless: '{name}' takes the type '{inputs[name].type}' and no other"
                self._draft.report(place, message, "remove this entry")

    def _is_named_output(self, stage: DraftStage, name: str, found: FoundModule) -> bool:
        """Whether the choice is what another stage makes of the input's type, by the name it has in the recipe."""
        choice = stage.entry.inputs[name]
        wanted = found.manifest.inputs[name].type
        return any(
            called == choice or (other.id == choice and own == wanted)
            for other in self._draft.stages.values()
            for own, called in other.entry.outputs.items()
            if own == wanted
        )

    def _check_output_names(self, stage: DraftStage, found: FoundModule) -> None:
        made = [output.type for output in found.manifest.outputs]
        for name, called in stage.entry.outputs.items():
            place = stage.place("outputs", name)
            if name not in made:
                message = f"the module {stage.entry.module} has no output {shown(name)}"
                self._draft.report(place, message, suggestion(name, made))
            elif called == name:
                message = f"pointless: {shown(name)} is called that already"
                self._draft.report(place, message, "remove this entry")
            elif called in RESERVED_TYPES:
                self._draft.report(place, f"'{called}' is kept by CineForge itself")
        types = [output.type for output in stage.outputs]
        for called in sorted({each for each in types if types.count(each) > 1}):
            message = f"two outputs would be called '{called}'"
            self._draft.report(stage.place("outputs"), message, "give each a name of its own")

    def _check_store_inputs(self, stage: DraftStage, found: FoundModule) -> None:
        specs = found.manifest.inputs.values()
        wanted = {spec.type for spec in specs}
        for key, names in (
            ("store_inputs", stage.entry.store_inputs),
            ("optional_store_inputs", stage.entry.optional_store_inputs),
        ):
            for index, name in enumerate(names):
                place = stage.place(key, index)
                takers = [spec for spec in specs if spec.type in (name, ANY_TYPE)]
                if name in self._makers and not self._begins_with_the_store(stage, name):
                    maker = self._makers[name].id
                    message = f"'{name}' is made by stage '{maker}' of this recipe"
                    self._draft.report(place, message, f"add '{maker}' to needs instead")
                elif not takers:
                    message = f"no input of the module {stage.entry.module} takes '{name}'"
                    self._draft.report(place, message, suggestion(name, sorted(wanted)))
                elif name in names[:index] or (
                    key == "optional_store_inputs" and name in stage.entry.store_inputs
                ):
                    self._draft.report(place, f"'{name}' is named twice", "remove one of the two")
                elif key == "optional_store_inputs" and not any(spec.optional for spec in takers):
                    message = f"the module {stage.entry.module} cannot work without '{name}'"
                    self._draft.report(place, message, "list it under store_inputs")

    def _begins_with_the_store(self, stage: DraftStage, artifact_type: str) -> bool:
        """Whether a stage is the first to refine a type that another recipe, or a person, makes."""
        refines = stage.refines == artifact_type
        return refines and not self._chains.read_by(stage, artifact_type)

    def _feed_typed(
        self, stage: DraftStage, found: FoundModule, name: str, spec: InputEntry
    ) -> Feed | None:
        choice = stage.entry.inputs.get(name)
        if choice is not None and self._is_named_output(stage, name, found):
            return self._feed_chosen(stage, name, spec, choice)
        before = self._chains.read_by(stage, spec.type)
        maker = before[-1] if before else None
        if maker is not None and {each.id for each in before} & set(stage.needs):
            return Feed(maker, spec.type)
        if spec.type in _store_types(stage):
            return Feed(None, spec.type)
        if spec.optional or self._draft.is_vague(stage):
            return None
        message = f"nothing feeds the input '{name}' of type '{spec.type}'"
        if maker is not None and maker is not stage:
            hint = f"stage '{maker.id}' makes it: add '{maker.id}' to needs"
        else:
            close = nearest(spec.type, self._makers)
            hint = f"the recipe makes '{close}'; " if close else ""
            hint += f"if another recipe makes it, write store_inputs: [{spec.type}]"
        self._draft.report(stage.place("needs"), message, hint)
        return None

    def _feed_chosen(
        self, stage: DraftStage, name: str, spec: InputEntry, choice: str
    ) -> Feed | None:
        """What a stage makes under another name, where the input names its type: the schema is the same."""
        for other in (self._draft.stages.get(need) for need in stage.needs):
            for output in other.outputs if other else ():
                own = {called: own for own, called in other.entry.outputs.items()} if other else {}
                if own.get(output.type) == spec.type and choice in (
                    output.type,
                    other and other.id,
                ):
                    return Feed(other, output.type)
        if not self._draft.is_vague(stage):
            message = (
                f"{shown(choice)} is nothing of type '{spec.type}' that a stage it needs makes"
            )
            self._draft.report(stage.place("inputs", name), message, "add that stage to needs")
        return None

    def _feed_any(self, stage: DraftStage, name: str, spec: InputEntry) -> Feed | None:
        candidates = list(self._candidates(stage))
        choice = stage.entry.inputs.get(name)
        place = stage.place("inputs", name)
        listed = ", ".join(map(str, candidates))
        if choice is not None:
            producers = {feed.producer.id for feed in candidates if feed.producer}
            types = {feed.artifact_type for feed in candidates}
            chosen = [feed for feed in candidates if _is_chosen(feed, choice)]
            if not chosen and not self._draft.is_vague(stage):
                message = f"{shown(choice)} is no stage or type that can feed '{name}'"
                self._draft.report(place, message, suggestion(choice, sorted(producers | types)))
            elif len(chosen) > 1:
                message = f"{shown(choice)} still leaves several: {', '.join(map(str, chosen))}"
                self._draft.report(place, message, "name the type")
            elif len(candidates) == 1:
                message = f"pointless: only {listed} can feed '{name}'"
                self._draft.report(place, message, "remove this entry")
            return chosen[0] if len(chosen) == 1 else None
        if len(candidates) > 1:
            message = f"ambiguous: the input '{name}' could take {listed}"
            hint = f"choose, e.g. inputs: {{{name}: {candidates[0].artifact_type}}}"
            self._draft.report(stage.place("needs"), message, hint)
        elif not candidates and not spec.optional and not self._draft.is_vague(stage):
            message = f"nothing feeds the input '{name}', which takes any type"
            self._draft.report(stage.place("needs"), message, "add the stage to read to needs")
        return candidates[0] if len(candidates) == 1 else None

    def _candidates(self, stage: DraftStage) -> Iterator[Feed]:
        seen: set[str] = set()
        for name in dict.fromkeys(stage.needs):
            other = self._draft.stages.get(name)
            for output in other.outputs if other else []:
                before = self._chains.read_by(stage, output.type)
                if output.type not in seen and before:
                    seen.add(output.type)
                    yield Feed(before[-1], output.type)
        for artifact_type in _store_types(stage):
            if artifact_type not in self._makers:
                yield Feed(None, artifact_type)


def _store_types(stage: DraftStage) -> list[str]:
    return list(dict.fromkeys([*stage.entry.store_inputs, *stage.entry.optional_store_inputs]))


def _is_chosen(feed: Feed, choice: str) -> bool:
    return choice == feed.artifact_type or (
        feed.producer is not None and choice == feed.producer.id
    )
