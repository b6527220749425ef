"""One call of a module, checked as a run would check it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cineforge.model.errors import InvalidPayload, Problem, ProblemsFound, suggestion
from cineforge.model.module_result import ModuleResult, Output
from cineforge.recipes.json_schema.schema_check import schema_errors
from cineforge.recipes.modules.discovery import find_modules, module_roots
from cineforge.recipes.modules.manifest import ANY_TYPE, InputEntry
from cineforge.recipes.modules.module_folder import FoundModule, read_module
from cineforge.recipes.resolving.parameters import default_params
from cineforge.recipes.schema_registry import SchemaRegistry, registry_for
from cineforge.running.workers.check import checked_outputs
from cineforge.running.workers.loader import loaded_module
from cineforge.running.workers.module_context.module_inputs import Inputs, ModuleInput
from cineforge.running.workers.module_context.purity import kept_pure
from cineforge.running.workers.spec import OutputContract
from cineforge.testing.fakes import FakeContext, FakeInput, as_published


def call_module(
    module: str | Path,
    inputs: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    project_values: Mapping[str, Any] | None = None,
    *,
    context: FakeContext | None = None,
) -> ModuleResult:
    """Call a module as a run would, and give back what would be published.

    `module` is a module's folder, or an id: of a shipped module, or of one in `modules/` of the current folder.
    `inputs` holds payloads (or `FakeInput`s) by name, and for an input that takes many, dicts of them by entity id.
    `params` go over the manifest's defaults; a source-file parameter may be a path. Of `project_values` the module sees
    the keys that its manifest declares.

    Raises ProblemsFound for what does not fit the manifest or its schemas, ModuleFailed for outputs that could not be
    published, and whatever the module itself raises.
    """
    found, registry = _found(module)
    context = context or FakeContext()
    problems: list[Problem] = []
    given = _Given(found, registry, problems).all(inputs or {})
    filled = _params(found, params or {}, context, problems)
    if problems:
        raise ProblemsFound(f"{found.module.module_id} cannot be called like this:", problems)
    declared = {
        key: value
        for key, value in (project_values or {}).items()
        if key in found.module.config_keys
    }
    loaded = loaded_module(found.module.code)
    contracts = tuple(
        OutputContract(output.type, output.many, registry.schema(output.schema_name or output.type))
        for output in found.manifest.outputs
    )
    context.expect(contracts, given)
    with kept_pure(found.module.pure):
        result = loaded.run_module(given, filled, declared, context)
    result = context.members.with_emitted(result)
    outputs: dict[str, Output | dict[str, Output]] = {
        contract.artifact_type: {} for contract in contracts if contract.many
    }
    # Members may be made while they are asked for.
    with kept_pure(found.module.pure):
        attached = ChainMap(context.attachments, context.members.files)
        for made in checked_outputs(
            result, contracts, context.entity_id, attached, names_read=context.names_read
        ):
            name, published = made.contract.artifact_type, _published(made.output)
            members = outputs.setdefault(name, published)
            if isinstance(members, dict) and made.entity is not None:
                members[made.entity.removeprefix(f"{context.entity_id}.")] = published
    return ModuleResult(outputs=outputs)


def _found(module: str | Path) -> tuple[FoundModule, SchemaRegistry]:
    if isinstance(module, Path):
        folder = module.absolute()
        root = folder.parent.parent
        project = root.parent if root.name == "modules" else None
        return read_module(folder, root), registry_for(project)
    project = Path.cwd()
    return find_modules(module_roots(project)).get(module), registry_for(project)


class _Given:
    """Makes inputs of payloads; what could not have been published, or is not declared, is added to the problems."""

    def __init__(
        self, found: FoundModule, registry: SchemaRegistry, problems: list[Problem]
    ) -> None:
        self._declared = found.manifest.inputs
        self._registry = registry
        self._problems = problems

    def all(self, given: Mapping[str, Any]) -> Inputs:
        for name in given:
            if name not in self._declared:
                self._report(
                    f"the manifest declares no input '{name}'",
                    hint=suggestion(name, list(self._declared)),
                )
        inputs = Inputs()
        for name, entry in self._declared.items():
            payload = given.get(name)
            if name not in given and not entry.optional:
                self._report(f"the input '{name}' is missing", hint="give it a payload")
            elif entry.many:
                inputs[name] = {
                    entity: self._one(f"{name}/{entity}", entry, member, entity)
                    for entity, member in sorted((payload or {}).items())
                }
            else:
                inputs[name] = None if payload is None else self._one(name, entry, payload)
        return inputs

    def _one(
        self, place: str, entry: InputEntry, given: Any, entity: str | None = None
    ) -> ModuleInput | None:
        ref = f"{entry.type}@1" if entity is None else f"{entry.type}/{entity}@1"
        try:
            made = (
                given
                if isinstance(given, FakeInput)
                else FakeInput(given, entity_id=entity, ref=ref)
            )
        except InvalidPayload as error:
            self._report(str(error), place)
            return None
        schema = entry.schema_name or entry.type
        if schema != ANY_TYPE and schema in self._registry.names():
            for misfit in self._registry.validate(schema, made.data):
                self._report(str(misfit), place)
        return made

    def _report(self, message: str, place: str = "", hint: str = "") -> None:
        self._problems.append(Problem(message, path=place, hint=hint))


def _params(
    found: FoundModule, given: Mapping[str, Any], context: FakeContext, problems: list[Problem]
) -> dict[str, Any]:
    sources = {name: Path(given[name]) for name in found.module.source_params if name in given}
    for name, path in sources.items():
        if path.is_file():
            context.give_source(name, path)
        elif name not in found.module.optional_sources:
            problems.append(Problem(f"there is no file {path}", path=f"params.{name}"))
    named = {
        name: str(context.source(name))
        for name in found.module.source_params
        if context.has_source(name)
    }
    paths = {name: str(path) for name, path in sources.items()}
    filled = {**default_params(found.parameters), **named, **given, **paths}
    for error in schema_errors(found.parameters, filled):
        problems.append(
            Problem(
                error.message, path=f"params{error.path[1:]}", hint=f"expected {error.expected}"
            )
        )
    return filled


def _published(output: Output) -> Output:
    return output.model_copy(update={"data": as_published(output.data)})
