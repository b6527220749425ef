"""One module's folder, read and checked: its manifest, its parameters' schema, its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cineforge.model.errors import NotFound, Problem, ProblemsFound, suggestion
from cineforge.recipes.json_schema.patterns import InvalidSchema
from cineforge.recipes.json_schema.schema_check import broken_schema, schema_errors
from cineforge.recipes.modules.entry_point import check_entry_point
from cineforge.recipes.modules.manifest import ModuleFile
from cineforge.recipes.modules.module_code import MANIFEST, find_helpers, read_files, read_helpers
from cineforge.recipes.reading.key_paths import KeyPath, shown
from cineforge.recipes.reading.problems import model_problems
from cineforge.recipes.reading.yaml_source import YamlDocument, parse_yaml, parse_yaml_bytes
from cineforge.recipes.resolved import Module, Selector

SOURCE_FILE_FORMAT = "source-file"


@dataclass(frozen=True)
class FoundModule:
    """A module as read from disk. `parameters` is the whole JSON Schema of its parameters."""

    module: Module
    manifest: ModuleFile
    document: YamlDocument
    parameters: Mapping[str, Any]

    def selector(self, input_name: str) -> Selector | None:
        """The parsed `select` of an input."""
        select = self.manifest.inputs[input_name].select
        if select is None:
            return None
        name, _, pointer = select.partition("#")
        return Selector(name, pointer)


def read_module(folder: Path, root: Path) -> FoundModule:
    """The module in `<root>/<stage>/<module_id>/`. Raises ProblemsFound with everything that is wrong with it."""
    problems: list[Problem] = []
    title = f"the module {folder.name} cannot be used:"
    unreadable: list[Problem] = []
    files = read_files(folder, unreadable)
    try:
        # What could not be read is read once more, to tell why.
        document = (
            parse_yaml(folder / MANIFEST)
            if files.manifest is None
            else parse_yaml_bytes(files.manifest, str(folder / MANIFEST))
        )
    except NotFound as error:
        raise ProblemsFound(
            title, [Problem(f"the module has no {MANIFEST}: {error}", str(folder))]
        ) from None
    problems += document.problems
    problems += check_entry_point(folder / "main.py", files.python.get("main.py"))
    try:
        manifest = ModuleFile.model_validate(document.data)
    except ValidationError as error:
        raise ProblemsFound(
            title, [*problems, *model_problems(error, document, ModuleFile)]
        ) from None
    problems += _misplaced(manifest, document, folder)
    problems += _inconsistent_inputs(manifest, document)
    problems += _repeated_outputs(manifest, document)
    problems += _wrong_refinement(manifest, document)
    parameters = {"type": "object", "additionalProperties": False, **manifest.parameters}
    wrong_parameters = _wrong_parameters(parameters, document)
    problems += wrong_parameters
    sources = () if wrong_parameters else tuple(_source_params(parameters))
    helpers = find_helpers(manifest.helpers, root, document, problems)
    problems += unreadable
    if not problems and (files.manifest is None or "main.py" not in files.python):
        problems.append(
            Problem("files come and go while it is read", str(folder), hint="try again")
        )
    code = files.code(read_helpers(helpers, problems))
    if problems:
        raise ProblemsFound(title, problems)
    module = Module(
        module_id=manifest.module_id,
        folder=folder,
        code=code,
        files=files,
        helpers=helpers,
        source_params=sources,
        optional_sources=frozenset(name for name in sources if _may_be_absent(parameters, name)),
        config_keys=tuple(dict.fromkeys(manifest.project_config)),
        pure=manifest.pure,
        estimated_usd=0.0 if manifest.pure else manifest.estimate.usd,
        estimated_seconds=manifest.estimate.seconds,
        estimated_members=manifest.estimate.members,
    )
    return FoundModule(module, manifest, document, parameters)


def _misplaced(manifest: ModuleFile, document: YamlDocument, folder: Path) -> Iterator[Problem]:
    if manifest.module_id != folder.name:
        message = f"module_id '{manifest.module_id}' differs from the folder's name '{folder.name}'"
        yield document.problem(("module_id",), message, "rename one of the two")
    if manifest.stage != folder.parent.name:
        message = f"stage '{manifest.stage}' differs from the folder's name '{folder.parent.name}'"
        yield document.problem(("stage",), message, "rename one of the two")


def _inconsistent_inputs(manifest: ModuleFile, document: YamlDocument) -> Iterator[Problem]:
    for name, entry in manifest.inputs.items():
        place: KeyPath = ("inputs", name)
        if entry.per_entity and entry.many:
            message = "per_entity takes one artifact, many takes all: they exclude each other"
            yield document.problem((*place, "per_entity"), message, "remove one of the two")
        if entry.select is None:
            continue
        place = (*place, "select")
        if not entry.many:
            yield document.problem(place, "select picks among many", "add many: true")
        selecting, mark, pointer = entry.select.partition("#")
        others = [other for other, its in manifest.inputs.items() if other != name and not its.many]
        if not mark or (pointer and not pointer.startswith("/")):
            message = f"{shown(entry.select)} is not an input and a JSON pointer"
            yield document.problem(place, message, "write e.g. character#/scenes")
        elif selecting not in others:
            message = f"{shown(selecting)} is not another input that takes one artifact"
            yield document.problem(place, message, suggestion(selecting, others))


def _repeated_outputs(manifest: ModuleFile, document: YamlDocument) -> Iterator[Problem]:
    types = [output.type for output in manifest.outputs]
    for index, name in enumerate(types):
        if name in types[:index]:
            yield document.problem(("outputs", index, "type"), f"the type '{name}' stands twice")


def _wrong_refinement(manifest: ModuleFile, document: YamlDocument) -> Iterator[Problem]:
    wanted = manifest.refines
    if wanted is None:
        return
    for kind, types in (
        ("input", [its.type for its in manifest.inputs.values() if not its.many]),
        ("output", [its.type for its in manifest.outputs if not its.many]),
    ):
        if wanted not in types:
            message = f"what is refined is read and made, one at a time: there is no such {kind} of type '{wanted}'"
            yield document.problem(("refines",), message, suggestion(wanted, types))


def _wrong_parameters(schema: Mapping[str, Any], document: YamlDocument) -> list[Problem]:
    place: KeyPath = ("parameters",)
    found = [
        document.problem((*place, *error.keys), error.message, f"expected {error.expected}")
        for error in broken_schema(schema)
    ]
    if found:
        return found
    if schema["type"] != "object":
        message = f"must be a JSON Schema of type object, not {shown(schema['type'])}"
        found.append(document.problem((*place, "type"), message, "remove 'type', or write object"))
    for name, rules in schema.get("properties", {}).items():
        path: KeyPath = (*place, "properties", name)
        found += _wrong_default(rules, (*path, "default"), document)
        if _is_source_file(rules) and rules.get("type") != "string":
            message = f"a parameter of format {SOURCE_FILE_FORMAT} names one file"
            found.append(document.problem((*path, "format"), message, "add type: string"))
        parts = rules.items() if isinstance(rules, Mapping) else ()
        deeper = [value for key, value in parts if key != "default"]
        if any(map(_holds_source_file, deeper)):
            message = (
                f"{SOURCE_FILE_FORMAT} is allowed for a parameter itself, not for a part of one"
            )
            hint = "make each file a parameter of its own"
            found.append(document.problem(path, message, hint))
    return found


def _wrong_default(rules: Any, path: KeyPath, document: YamlDocument) -> list[Problem]:
    if not isinstance(rules, Mapping) or "default" not in rules:
        return []
    try:
        return [
            document.problem(
                (*path, *error.keys),
                f"the default does not fit: {error.message}",
                f"expected {error.expected}",
            )
            for error in schema_errors(rules, rules["default"])
        ]
    except InvalidSchema:
        # A `$ref` into the schema around it; the filled-in default is checked with the stage's parameters.
        return []


def _is_source_file(rules: Any) -> bool:
    return isinstance(rules, Mapping) and rules.get("format") == SOURCE_FILE_FORMAT


def _holds_source_file(value: Any) -> bool:
    if isinstance(value, Mapping):
        return _is_source_file(value) or any(map(_holds_source_file, value.values()))
    return isinstance(value, list) and any(map(_holds_source_file, value))


def _may_be_absent(schema: Mapping[str, Any], name: str) -> bool:
    return schema["properties"][name].get("optional") is True


def _source_params(schema: Mapping[str, Any]) -> list[str]:
    return [name for name, rules in schema.get("properties", {}).items() if _is_source_file(rules)]
