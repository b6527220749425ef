"""The schemas that modules name: they must be there, and outputs must fit the inputs that they feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cineforge.model.errors import NotFound, Problem, ProblemsFound, suggestion
from cineforge.recipes.json_schema.schema_fit import schema_mismatches
from cineforge.recipes.modules.manifest import OutputEntry
from cineforge.recipes.modules.module_folder import FoundModule
from cineforge.recipes.reading.key_paths import KeyPath, shown
from cineforge.recipes.resolved import OutputSpec, ResolvedInput, Upgrades
from cineforge.recipes.resolving.feeds import Feed
from cineforge.recipes.resolving.partial_recipe import Draft, DraftStage
from cineforge.recipes.resolving.schema_upgrades import read_upgrades
from cineforge.recipes.schema_registry import SUFFIX, SchemaRegistry


class SchemaChecks:
    """Looks up schemas for the stages of a draft; what is missing or does not fit is reported to it."""

    def __init__(self, draft: Draft, registry: SchemaRegistry) -> None:
        self._draft = draft
        self._registry = registry

    def outputs(self, stage: DraftStage, found: FoundModule) -> tuple[OutputSpec, ...]:
        """The outputs of a stage whose schemas are there, with the schemas' digests."""
        specs = []
        for index, (output, own) in enumerate(
            zip(stage.outputs, found.manifest.outputs, strict=True)
        ):
            name = _schema_of(output)
            place: KeyPath = ("outputs", index, "schema" if own.schema_name else "type")
            if self._is_there(found, place, name):
                rules = self._registry.schema(name)
                lifts = self._lifting(name)
                specs.append(OutputSpec(output.type, rules, output.many, own.type, lifts))
        return tuple(specs)

    def check_feeds(self, stage: DraftStage, found: FoundModule, feeds: Mapping[str, Feed]) -> None:
        """Report the inputs whose schema asks for more than the feeding output's schema promises."""
        for name, spec in found.manifest.inputs.items():
            wanted = spec.schema_name
            if wanted is None or not self._is_there(found, ("inputs", name, "schema"), wanted):
                continue
            output = feeds[name].output if name in feeds else None
            if (
                output is None
                or _schema_of(output) == wanted
                or not self._can_read(_schema_of(output))
            ):
                continue
            made = _schema_of(output)
            mismatches = schema_mismatches(self._registry.get(made), self._registry.get(wanted))
            if mismatches:
                message = f"{feeds[name]} does not fit the input '{name}' (schema '{wanted}'): "
                self._draft.report(
                    stage.place("needs"),
                    message + "; ".join(mismatches),
                    f"change the schema '{made}' or '{wanted}', or feed another type",
                )

    def with_upgrades(
        self,
        inputs: Iterable[ResolvedInput],
        found: FoundModule,
        feeds: Mapping[str, Feed],
    ) -> tuple[ResolvedInput, ...]:
        """The inputs, each with what lifts old payloads of its type."""
        return tuple(
            replace(each, upgrades=self._upgrades(found, feeds[each.name], each.name))
            for each in inputs
        )

    def _upgrades(self, found: FoundModule, feed: Feed, name: str) -> Upgrades | None:
        wanted = found.manifest.inputs[name].schema_name or feed.artifact_type
        schema = wanted if feed.output is None else _schema_of(feed.output)
        return self._lifting(schema) if self._can_read(schema) else None

    def _lifting(self, schema: str) -> Upgrades | None:
        try:
            return read_upgrades(self._registry, schema)
        except ProblemsFound as unusable:
            self._add(*unusable.problems)
            return None

    def _is_there(self, found: FoundModule, place: KeyPath, name: str) -> bool:
        problem = None
        try:
            self._registry.get(name)
        except NotFound:
            message = f"there is no schema {shown(name)}"
            hint = f"add schemas/artifacts/{name[:60]}{SUFFIX}; {suggestion(name, self._registry.names())}"
            problem = found.document.problem(place, message, hint)
        except ProblemsFound as unreadable:
            self._add(*unreadable.problems)
            return False
        if problem is None and self._is_shadowed(found, name):
            message = f"the module's own schema '{name}' differs from {self._registry.file(name)}"
            problem = found.document.problem(place, message, "give one of the two another name")
        if problem is not None:
            self._add(problem)
        return problem is None

    def _is_shadowed(self, found: FoundModule, name: str) -> bool:
        """Whether the module brings a schema of this name that is not the one everybody else would see."""
        own = found.module.folder / "schemas"
        seen = self._registry.file(name)
        if own == seen.parent or not (own / f"{name}{SUFFIX}").is_file():
            return False
        return SchemaRegistry([own]).digest(name) != self._registry.digest(name)

    def _can_read(self, name: str) -> bool:
        try:
            self._registry.get(name)
        except (NotFound, ProblemsFound):
            # Reported where the module that makes the type is resolved.
            return False
        return True

    def _add(self, *problems: Problem) -> None:
        # Several stages may name the same missing schema of one module.
        self._draft.problems += [its for its in problems if its not in self._draft.problems]


def _schema_of(output: OutputEntry) -> str:
    return output.schema_name or output.type
