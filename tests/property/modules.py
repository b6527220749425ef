"""A random recipe on disk: the recipes' entries, and for each stage a module that says when it is called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.property.during import CODE
from tests.property.recipes import Read, Stage

#: What sources say: members `a`, `b`, `c` with texts and members of their own, and groups that name members.
STORIES: tuple[dict[str, Any], ...] = (
    {"text": "one", "parts": {}, "groups": {}},
    {
        "text": "one",
        "parts": {"a": {"text": "ant", "parts": {"x": {"text": "axe"}, "y": {"text": "yak"}}}},
        "groups": {"red": ["a"]},
    },
    {
        "text": "two",
        "parts": {
            "a": {"text": "ant", "parts": {"x": {"text": "axe"}}},
            "b": {"text": "bee", "parts": {"x": {"text": "box"}}},
        },
        "groups": {"red": ["a", "b"], "blue": ["b"]},
    },
    {
        "text": "two",
        "parts": {"b": {"text": "bee", "parts": {}}, "c": {"text": "cat", "parts": {}}},
        "groups": {"red": ["c"], "blue": []},
    },
    {
        "text": "three",
        "parts": {
            "a": {"text": "asp", "parts": {"x": {"text": "axe"}, "z": {"text": "zoo"}}},
            "c": {"text": "cat", "parts": {"x": {"text": "cox"}}},
        },
        "groups": {"blue": ["a"]},
    },
    {
        # `b` is called `d`, and two of three are not there.
        "text": "four",
        "parts": {"d": {"text": "bee", "parts": {"x": {"text": "box"}}}},
        "groups": {"red": ["d"], "blue": ["b"]},
    },
    {"text": "four", "parts": {}, "groups": {"red": []}},
)

#: What a module is made of: main.py, a file beside it, a helper of all modules, and data that it reads.
PARTS = ("main", "near", "tool", "table")

ANYTHING = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def write_module(project: Path, stage: Stage, revisions: Mapping[str, int]) -> None:
    """Write a stage's module; another revision of any of its `PARTS` is other code with other results."""
    main, near, tool, table = (revisions.get(part, 0) for part in PARTS)
    manifest: dict[str, Any] = {
        "module_id": f"{stage.id}_v1",
        "stage": stage.id,
        "description": "Made up by a test.",
        "inputs": {f"in_{place}": _input_entry(read) for place, read in enumerate(stage.reads)},
        "outputs": [{"type": name, "many": many} for name, many in stage.makes.items()],
        "parameters": {
            "type": "object",
            "properties": {
                "story": {"type": "object", "default": {}},
                "tone": {"type": "integer", "default": 0},
                "deaf": {"type": "boolean", "default": False},
                **(
                    {"file": {"type": "string", "format": "source-file"}} if stage.from_file else {}
                ),
            },
        },
        "project_config": ["mood"] if stage.asks else [],
        "helpers": ["tool.py"],
        "pure": stage.pure,
        **({"refines": stage.reads[0].artifact_type} if stage.refines else {}),
    }
    home = project / "modules" / stage.id / f"{stage.id}_v1"
    home.mkdir(parents=True, exist_ok=True)
    (home / "module.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    (home / "near.py").write_text(f"NEAR = {near}\n", encoding="utf-8")
    (home / "table.txt").write_text(f"{table}\n", encoding="utf-8")
    shared = project / "modules" / "shared"
    shared.mkdir(exist_ok=True)
    (shared / "tool.py").write_text(f"TOOL = {tool}\n", encoding="utf-8")
    constants = f"REVISION = {main}\nMAKES = {stage.makes!r}\nIS_SOURCE = {stage.is_source}\n"
    constants += f"PURE = {stage.pure}\n"
    (home / "main.py").write_text(constants + MODULE + CODE, encoding="utf-8")


def _input_entry(read: Read) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": read.artifact_type}
    if read.select:
        # A person may have named what is gone.
        entry |= {"select": read.select, "optional": True}
    if read.many:
        entry["many"] = True
    if read.optional:
        entry["optional"] = True
    if read.per_entity:
        entry["per_entity"] = True
    return entry


def write_schema(project: Path, artifact_type: str, title: str) -> None:
    """Write a type's schema, which takes anything; `title` is part of it."""
    folder = project / "schemas" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    schema = json.dumps({**ANYTHING, "title": title})
    (folder / f"{artifact_type}.schema.json").write_text(schema, encoding="utf-8")


def stage_entry(stage: Stage, params: dict[str, Any]) -> dict[str, Any]:
    """A stage as it stands in the recipe's file."""
    entry: dict[str, Any] = {"id": stage.id, "module": f"{stage.id}_v1", "params": params}
    needs = list(dict.fromkeys(read.producer for read in stage.reads if read.producer))
    if needs:
        entry["needs"] = needs
    for key, optional in (("store_inputs", False), ("optional_store_inputs", True)):
        borrowed = [each for each in stage.reads if not each.producer and each.optional == optional]
        if borrowed:
            entry[key] = [each.artifact_type for each in borrowed]
    if stage.retries:
        entry["retries"] = stage.retries
    if stage.batch:
        entry["batch"] = stage.batch
    if stage.gate:
        entry["gate"] = "approve"
    if stage.after:
        entry["after"] = list(stage.after)
    if stage.for_each:
        entry["for_each"] = stage.for_each
    return entry


#: `calls.log` is the truth about the calls of runs; `failing.json` tells how many attempts of which instances fail, but
#: for pure ones. Neither is in any fingerprint.
MODULE = """
import hashlib, json
from pathlib import Path

from cineforge import ModuleResult, Output

PROJECT = Path(__file__).resolve().parents[3]


def run_module(inputs, params, project_config, context):
    label = context.stage if context.entity_id is None else f"{context.stage}/{context.entity_id}"
    if "probes" not in str(context.scratch):
        with (PROJECT / "calls.log").open("a") as calls:
            calls.write(f"{label} {context.attempt}\\n")
        happen(len((PROJECT / "calls.log").read_text().splitlines()))
    if not PURE:
        context.remember("paid", lambda: pay(label, context))
    if not PURE and context.attempt <= json.loads((PROJECT / "failing.json").read_text()).get(label, 0):
        raise RuntimeError("asked to fail")
    told = read(inputs, params, project_config, context, revision())
    return ModuleResult(outputs={name: made(name, many, told, context) for name, many in MAKES.items()})


def pay(label, context):
    dollars = 0.01 * (1 + int(hashlib.sha256(label.encode()).hexdigest(), 16) % 5)
    context.record_cost(model="mock", input_tokens=10, estimated_cost_usd=dollars)


def revision():
    # Late, when files may have changed since the run began.
    from .near import NEAR
    from .shared.tool import TOOL

    return [REVISION, NEAR, TOOL, int(Path(__file__).with_name("table.txt").read_text())]


def read(inputs, params, project_config, context, revision):
    if "file" in params:
        return json.loads(context.source("file").read_text()) | {"tone": params["tone"]}
    if IS_SOURCE:
        return params["story"] | {"text": f"{params['story']['text']} {params['tone']} {revision}"}
    seen, first = [], None
    for name in sorted(inputs):
        taken = inputs[name]
        if taken is None:
            continue
        members = taken if isinstance(taken, dict) else {"": taken}
        for entity in sorted(members):
            seen.append([name, entity, members[entity].data["text"]])
            first = first or members[entity].data
    said = "deaf" if params["deaf"] else json.dumps([seen, params["tone"], revision, project_config])
    return (first or {}) | {"text": hashlib.sha256(said.encode()).hexdigest()[:8]}


def made(name, many, told, context):
    prefix = "" if context.entity_id is None else f"{context.entity_id}."
    if not many:
        return Output(data=told)
    if name.startswith("g"):
        groups = told.get("groups", {"all": sorted(told.get("parts", {}))})
        return {
            own: Output(data={"text": own, "picks": [prefix + each for each in picks]})
            for own, picks in groups.items()
        }
    return {own: Output(data={"parts": {}, **part}) for own, part in told.get("parts", {}).items()}
"""
