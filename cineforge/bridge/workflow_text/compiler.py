"""Writes a resolved recipe as a Snakemake file: readable, formatted, the same bytes for the same recipe.

Nothing of the recipe becomes code: only checked identifiers and numbers are written bare, and the recipe's
own data as one quoted literal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from cineforge import __version__
from cineforge.bridge.request.run_options import RUN_ID
from cineforge.model.names import ENTITY_PATTERN, NO_ENTITY, VERSION_PATTERN, collection_type
from cineforge.recipes.listed import RecipeData
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage
from cineforge.store import layout

INDENT = "    "
LINE_LENGTH = 88  # snakefmt's


def compile_recipe(recipe: ResolvedRecipe, data: RecipeData, origin: str) -> str:
    """The workflow's text. `data` is the recipe as read, of several each; `origin` says where it came from."""
    return "\n".join(_lines(recipe, data, origin)) + "\n"


def _lines(recipe: ResolvedRecipe, data: RecipeData, origin: str) -> Iterator[str]:
    yield f"# Compiled by CineForge {__version__} from recipe {json.dumps(origin)}."
    yield f"# Recipe digest: {recipe.digest}"
    yield "# Do not edit: change the recipe and run 'cineforge compile' again."
    yield "# Rules have no 'log:', which 'snakemake --lint' misses: a log belongs to a run and an attempt, not to a"
    yield "# version, so what modules print goes to runs/<run id>/logs/, also from other processes and hosts."
    yield "from cineforge.bridge.entry import WorkflowEntry"
    yield ""
    name = "RECIPE" if isinstance(data, Mapping) else "RECIPES"
    plain = dict(data) if isinstance(data, Mapping) else list(data)
    yield f"{name} = " + python_literal(plain, before=len(f"{name} = "))
    yield f"forge = WorkflowEntry.open(workflow, config, {name})"
    yield ""
    yield ""
    yield "envvars:"
    yield f'{INDENT}"{RUN_ID}",'
    yield ""
    yield ""
    yield "wildcard_constraints:"
    yield f'{INDENT}entity=r"{ENTITY_PATTERN}",'
    yield f'{INDENT}version=r"{VERSION_PATTERN}",'
    for hook, call in (("onsuccess", "run_succeeded"), ("onerror", "run_failed")):
        yield ""
        yield ""
        yield f"{hook}:"
        yield f"{INDENT}forge.{call}()"
    links = list(_link_rules(recipe))
    local = ["all", *(f"all_{stage}" for stage in recipe.stages), *(name for name, *_ in links)]
    # Which number a refined version gets is known when the job begins, and only here.
    local += [stage.id for stage in recipe.stages.values() if stage.refines]
    yield ""
    yield ""
    yield "localrules:"
    yield from (f"{INDENT}{name}," for name in local)
    yield from _aggregate("all", recipe.asked, default=True)
    for stage in recipe.stages.values():
        yield from _aggregate(f"all_{stage.id}", [stage.id])
        yield from _stage_rule(stage)
    for name, artifact_type, has_entity in links:
        yield from _link_rule(name, artifact_type, has_entity)
    yield from _rule_for_nothing(links)


def _aggregate(name: str, stages: Iterable[str], *, default: bool = False) -> Iterator[str]:
    yield ""
    yield ""
    yield f"rule {name}:"
    if default:
        yield f"{INDENT}default_target: True"
    yield f"{INDENT}input:"
    yield from (f'{INDENT * 2}forge.stage("{stage}"),' for stage in stages)
    # Without a message, Snakemake would print every single input.
    yield f"{INDENT}message:"
    yield f'{INDENT * 2}"{name}: complete"'


def _stage_rule(stage: ResolvedStage) -> Iterator[str]:
    folder = "_" if stage.for_each is None else "{entity}"
    yield ""
    yield ""
    yield f"{'checkpoint' if stage.is_fan_out else 'rule'} {stage.id}:"
    yield f"{INDENT}input:"
    yield f'{INDENT * 2}forge.inputs("{stage.id}"),'
    yield f"{INDENT}output:"
    mark = f".{stage.ticket_mark}" if stage.ticket_mark else ""
    for artifact_type in stage.ticket_types:
        yield f'{INDENT * 2}"{layout.ARTIFACTS}/{artifact_type}/{folder}/v{{version}}{mark}.json",'
    options = stage.options
    if options.priority:
        yield f"{INDENT}priority: {int(options.priority)}"
    if options.retries:
        yield f"{INDENT}retries: {int(options.retries)}"
    if options.threads != 1:
        yield f"{INDENT}threads: {int(options.threads)}"
    yield f"{INDENT}resources:"
    yield f"{INDENT * 2}attempt=lambda wildcards, attempt: attempt,"
    for name, value in sorted(options.resources.items()):
        yield f"{INDENT * 2}{name}={_quoted(value)},"
    yield f"{INDENT}params:"
    yield f'{INDENT * 2}why=forge.reason("{stage.id}"),'
    yield f"{INDENT}message:"
    yield f'{INDENT * 2}"{{params.why}}"'
    yield f"{INDENT}run:"
    yield f'{INDENT * 2}forge.run("{stage.id}", wildcards, resources.attempt)'


def _link_rules(recipe: ResolvedRecipe) -> Iterator[tuple[str, str, bool]]:
    """Name, artifact type and whether it has entities, for each rule that makes `current/` links."""
    for stage in recipe.stages.values():
        nested = stage.for_each is not None
        if stage.is_fan_out:
            yield f"current_{stage.id}_members", collection_type(stage.id), nested
        for output in stage.outputs:
            begun_by = recipe.begun_by.get(output.artifact_type)
            first = begun_by or recipe.refiners.get(output.artifact_type, (stage.id,))[0]
            if first != stage.id:
                continue  # the stage that begins it has the rule for its link
            yield f"current_{output.artifact_type}", output.artifact_type, output.many or nested


def _link_rule(name: str, artifact_type: str, has_entity: bool) -> Iterator[str]:
    entity = "{entity}" if has_entity else "_"
    yield ""
    yield ""
    yield f"rule {name}:"
    yield f"{INDENT}input:"
    yield f'{INDENT * 2}forge.current("{artifact_type}"),'
    yield f"{INDENT}output:"
    yield f'{INDENT * 2}"{layout.CURRENT}/{artifact_type}/{entity}.json",'
    yield f"{INDENT}message:"
    yield f'{INDENT * 2}"{{output}}: link to the head"'
    yield f"{INDENT}run:"
    yield f'{INDENT * 2}forge.link("{artifact_type}", wildcards)'


def _rule_for_nothing(links: Iterable[tuple[str, str, bool]]) -> Iterator[str]:
    """A rule for targets that no other rule makes: its input function ends the command with the nearest names."""
    known = "|".join(
        f"{artifact_type}/{ENTITY_PATTERN if has_entity else NO_ENTITY}"
        for _, artifact_type, has_entity in links
    )
    yield ""
    yield ""
    yield "rule no_such_target:"
    yield f"{INDENT}input:"
    yield f"{INDENT * 2}forge.no_such_target,"
    yield f"{INDENT}output:"
    yield f'{INDENT * 2}"{{target}}",'
    yield f"{INDENT}wildcard_constraints:"
    yield rf'{INDENT * 2}target=r"[a-z0-9_]+|{layout.CURRENT}/(?!(?:{known})\.json$).*",'


def python_literal(value: object, depth: int = 0, before: int = 0) -> str:
    """Plain data as a Python literal, laid out as snakefmt would: on one line where that fits.

    `depth` is the indentation in steps, `before` the width of what stands before it on its line.
    """
    flat = _flat(value)
    if not isinstance(value, dict | list) or not value:
        return flat
    if len(INDENT) * depth + before + len(flat) + 1 <= LINE_LENGTH:
        return flat
    pad = INDENT * (depth + 1)
    if isinstance(value, dict):
        heads = [f"{_quoted(str(key))}: " for key in value]
        items = [
            head + python_literal(item, depth + 1, len(head))
            for head, item in zip(heads, value.values(), strict=True)
        ]
        return "{\n" + "".join(f"{pad}{item},\n" for item in items) + INDENT * depth + "}"
    items = [python_literal(item, depth + 1) for item in value]
    return "[\n" + "".join(f"{pad}{item},\n" for item in items) + INDENT * depth + "]"


def _flat(value: object) -> str:
    if isinstance(value, dict):
        pairs = (f"{_quoted(str(key))}: {_flat(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return _quoted(value)


def _quoted(value: object) -> str:
    """A scalar as a literal. Raises TypeError for what is not plain data."""
    if isinstance(value, str):
        # JSON quotes text the way Python reads it; ASCII escapes would split characters beyond U+FFFF in two.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\x7f")
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"{type(value).__name__} is not plain data")
