"""Random recipes: stages in every shape, each with a module of its own that says when it is called."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

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
)
ANYTHING = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


@dataclass(frozen=True)
class Read:
    """One input of a stage's module."""

    artifact_type: str
    producer: str
    many: bool = False
    select: str | None = None


@dataclass(frozen=True)
class Stage:
    """One stage. `makes` maps output types to whether they are many; `asks` is a project-config key it reads."""

    id: str
    reads: tuple[Read, ...] = ()
    makes: dict[str, bool] = field(default_factory=dict)
    for_each: str | None = None
    after: tuple[str, ...] = ()
    asks: bool = False
    from_file: bool = False

    @property
    def is_source(self) -> bool:
        return not self.reads

    @property
    def is_fan_out(self) -> bool:
        return any(self.makes.values())


@dataclass
class _Known:
    """What the stages drawn so far offer: the maker of each type, types by domain, the parents of domains."""

    makers: dict[str, str] = field(default_factory=dict)
    single: list[str] = field(default_factory=list)
    by_domain: dict[str, list[str]] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def read(self, artifact_type: str, many: bool = False, select: str | None = None) -> Read:
        return Read(artifact_type, self.makers[artifact_type], many, select)

    def add(self, stage: Stage) -> None:
        for name, many in stage.makes.items():
            self.makers[name] = stage.id
            if many:
                self.by_domain[name] = [name]
                self.parents[name] = stage.for_each
            elif stage.for_each:
                self.by_domain[stage.for_each].append(name)
            else:
                self.single.append(name)
        many_types = [name for name, many in stage.makes.items() if many]
        if len(many_types) == 2:
            self.groups[many_types[1]] = many_types[0]


@st.composite
def recipes(draw: st.DrawFn) -> tuple[Stage, ...]:
    """Stages in an order in which each reads only what comes before it."""
    known = _Known()
    stages: list[Stage] = []
    for number in range(draw(st.integers(2, 9))):
        stage = draw(_stages(f"s{number}", known, [each.id for each in stages]))
        known.add(stage)
        stages.append(stage)
    return tuple(stages)


@st.composite
def _stages(draw: st.DrawFn, name: str, known: _Known, earlier: list[str]) -> Stage:
    items = [domain for domain in known.by_domain if domain not in known.groups]
    nested = [domain for domain in items if known.parents[domain] is not None]
    kinds = ["source"] if not known.single else ["mix", "split", "split"]
    kinds += ["each", "each", "part", "gather"] if items else []
    kinds += ["heap", "heap"] if nested else []
    kinds += ["pick", "pick"] if known.groups else []
    kind = draw(st.sampled_from(kinds))
    makes = {f"t{name}": False}
    reads: list[Read] = []
    for_each = None
    if kind == "mix":
        chosen = draw(st.lists(st.sampled_from(known.single), min_size=1, max_size=2, unique=True))
        reads = [known.read(each) for each in chosen]
    elif kind == "split":
        reads = [known.read(draw(st.sampled_from(known.single)))]
        makes = _fan_out(draw, name)
    elif kind in ("each", "part"):
        for_each = draw(st.sampled_from(items))
        reads = [known.read(draw(st.sampled_from(known.by_domain[for_each])))]
        parent = known.parents[for_each]
        others = [*known.single, *(known.by_domain[parent] if parent else [])]
        if kind == "each" and draw(st.booleans()):
            reads.append(known.read(draw(st.sampled_from(others))))
        if kind == "part":
            makes = _fan_out(draw, name)
    elif kind == "gather":
        domain = draw(st.sampled_from(items))
        reads = [known.read(draw(st.sampled_from(known.by_domain[domain])), many=True)]
    elif kind == "heap":
        domain = draw(st.sampled_from(nested))
        above = [domain]
        while (parent := known.parents[above[-1]]) is not None:
            above.append(parent)
        for_each = draw(st.sampled_from(above[1:]))
        reads = [known.read(draw(st.sampled_from(known.by_domain[domain])), many=True)]
    elif kind == "pick":
        for_each = draw(st.sampled_from(sorted(known.groups)))
        chosen_type = draw(st.sampled_from(known.by_domain[known.groups[for_each]]))
        reads = [known.read(for_each), known.read(chosen_type, many=True, select="in_0#/picks")]
    needs = {each.producer for each in reads}
    free = [each for each in earlier if each not in needs]
    after = (draw(st.sampled_from(free)),) if free and draw(st.integers(0, 4)) == 0 else ()
    return Stage(
        name,
        tuple(reads),
        makes,
        for_each,
        after,
        asks=draw(st.integers(0, 4)) == 0,
        from_file=kind == "source" and draw(st.booleans()),
    )


def _fan_out(draw: st.DrawFn, name: str) -> dict[str, bool]:
    makes = {f"i{name}": True}
    if draw(st.booleans()):
        makes[f"g{name}"] = True
    if draw(st.integers(0, 3)) == 0:
        makes[f"x{name}"] = False
    return makes


# -- on disk -------------------------------------------------------------------------------------------


def write_module(project: Path, stage: Stage, revision: int) -> None:
    """Write a stage's module; another `revision` is other code with other results."""
    manifest: dict[str, Any] = {
        "module_id": f"{stage.id}_v1",
        "stage": stage.id,
        "description": "Made up by a test.",
        "inputs": {
            f"in_{place}": {
                "type": read.artifact_type,
                **({"many": True} if read.many else {}),
                # A person may have named what is gone.
                **({"select": read.select, "optional": True} if read.select else {}),
            }
            for place, read in enumerate(stage.reads)
        },
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
    }
    home = project / "modules" / stage.id / f"{stage.id}_v1"
    home.mkdir(parents=True, exist_ok=True)
    (home / "module.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    code = f"REVISION = {revision}\nMAKES = {stage.makes!r}\n{MODULE}"
    (home / "main.py").write_text(code, encoding="utf-8")


def write_schema(project: Path, artifact_type: str, title: str) -> None:
    """Write a type's schema, which takes anything; `title` is part of it."""
    folder = project / "schemas" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    schema = json.dumps({**ANYTHING, "title": title})
    (folder / f"{artifact_type}.schema.json").write_text(schema, encoding="utf-8")


def stage_entry(stage: Stage, params: dict[str, Any]) -> dict[str, Any]:
    """A stage as it stands in the recipe's file."""
    entry: dict[str, Any] = {"id": stage.id, "module": f"{stage.id}_v1", "params": params}
    needs = list(dict.fromkeys(read.producer for read in stage.reads))
    if needs:
        entry["needs"] = needs
    if stage.after:
        entry["after"] = list(stage.after)
    if stage.for_each:
        entry["for_each"] = stage.for_each
    return entry


#: `calls.log` is the truth about module calls; `failing.json` names the instances that fail, outside any fingerprint.
MODULE = """
import hashlib, json
from pathlib import Path

from cineforge.model.module_result import ModuleResult, Output

PROJECT = Path(__file__).resolve().parents[3]


def run_module(inputs, params, project_config, context):
    label = context.stage if context.entity_id is None else f"{context.stage}/{context.entity_id}"
    with (PROJECT / "calls.log").open("a") as calls:
        calls.write(f"{label}\\n")
    if label in json.loads((PROJECT / "failing.json").read_text()):
        raise RuntimeError("asked to fail")
    told = read(inputs, params, project_config, context)
    return ModuleResult(outputs={name: made(name, many, told, context) for name, many in MAKES.items()})


def read(inputs, params, project_config, context):
    if "file" in params:
        return json.loads(context.source("file").read_text()) | {"tone": params["tone"]}
    if not inputs:
        return params["story"] | {"text": f"{params['story']['text']} {params['tone']} {REVISION}"}
    seen, first = [], None
    for name in sorted(inputs):
        taken = inputs[name]
        members = taken if isinstance(taken, dict) else {"": taken}
        for entity in sorted(members):
            seen.append([name, entity, members[entity].data["text"]])
            first = first or members[entity].data
    said = "deaf" if params["deaf"] else json.dumps([seen, params["tone"], REVISION, project_config])
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
