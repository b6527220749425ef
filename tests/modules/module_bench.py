"""Runs one shipped module as the runner would, without a project: its manifest is read, its payloads are validated."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from cineforge import Inputs
from cineforge.model.canonical import canonical_json
from cineforge.model.module_result import Output
from cineforge.recipes.modules.module_code import read_code
from cineforge.running.workers.loader import load_module

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "workflow" / "modules"
SAMPLES = ROOT / "samples"


@dataclass
class Given:
    """A module's input."""

    data: Any
    entity_id: str | None = None


@dataclass
class FakeContext:
    """What modules use of the real context; what they record is kept for the test to look at."""

    sources: dict[str, Path] = field(default_factory=dict)
    entity_id: str | None = None
    attempt: int = 1
    stage: str = "stage"
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ever_used: Mapping[str, set[str]] = field(default_factory=dict)
    gone: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    costs: list[dict[str, Any]] = field(default_factory=list)
    attached: dict[str, bytes] = field(default_factory=dict)
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("cineforge.test"))

    def source(self, name: str) -> Path:
        return self.sources[name]

    def has_source(self, name: str) -> bool:
        return name in self.sources

    def previous(self, artifact_type: str) -> dict[str, Any]:
        return dict(self.members.get(artifact_type, {}))

    def vanished(self, artifact_type: str) -> dict[str, Any]:
        return dict(self.gone.get(artifact_type, {}))

    def used_ids(self, artifact_type: str) -> set[str]:
        return set(self.ever_used.get(artifact_type, ())) | set(self.previous(artifact_type))

    def record_cost(self, **cost: Any) -> None:
        self.costs.append(cost)

    def attach(self, name: str, content: bytes) -> str:
        self.attached[name] = content
        return name


def run(
    module_id: str, inputs: Mapping[str, Any] | None = None, context: Any = None, **params: Any
) -> dict[str, Any]:
    """The outputs of a module by type: an `Output`, or a dict of them by id. All of them fit their schemas."""
    folder = next(MODULES.glob(f"*/{module_id}"))
    manifest = yaml.safe_load((folder / "module.yaml").read_text())
    helpers = [MODULES / "shared" / name for name in manifest.get("helpers", [])]
    known = manifest["parameters"]["properties"]
    filled = {name: rules["default"] for name, rules in known.items() if "default" in rules}
    result = load_module(read_code(folder, helpers)).run_module(
        Inputs(inputs or {}), filled | params, {}, context or FakeContext()
    )
    outputs: dict[str, Any] = result.outputs
    assert set(outputs) == {output["type"] for output in manifest["outputs"]}
    for output in manifest["outputs"]:
        made = outputs[output["type"]]
        assert isinstance(made, dict) == output.get("many", False)
        for one in made.values() if isinstance(made, dict) else [made]:
            validate(output["type"], one)
    return outputs


def validate(artifact_type: str, output: Output) -> None:
    """Fails unless the payload is plain JSON that fits the schema of its type."""
    schema = json.loads(
        (ROOT / "schemas" / "artifacts" / f"{artifact_type}.schema.json").read_text()
    )
    payload = json.loads(canonical_json(output.data))
    jsonschema.Draft202012Validator(schema).validate(payload)


def helper(name: str) -> Any:
    """A shared helper, imported by itself."""
    folder = next(MODULES.glob("echo/echo_all_v1"))
    helpers = [MODULES / "shared" / "echo_knobs.py", MODULES / "shared" / f"{name}.py"]
    module = load_module(read_code(folder, helpers))
    return __import__(f"{module.__name__.removesuffix('.main')}.shared.{name}", fromlist=[name])


def ingest(tmp_path: Path, text: str | bytes) -> dict[str, Any]:
    """The payload of `script` for a Fountain text."""
    path = tmp_path / "story.fountain"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    outputs = run(
        "fountain_ingest_v1", context=FakeContext(sources={"source": path}), source="story"
    )
    script: dict[str, Any] = outputs["script"].data
    return script


def breakdown(
    script: Mapping[str, Any], before: Mapping[str, Any] | None = None, used: set[str] | None = None
) -> dict[str, Any]:
    """The payloads that a breakdown emits, by type (and id); `before` is the result of an earlier one."""
    members: dict[str, Any] = {}
    if before is not None:
        members = {
            "scene": before["scene"],
            "character": before["character"],
            "location": before["location"],
            "scene_index": {"_": before["scene_index"]},
        }
    context = FakeContext(members=members, ever_used={"scene": used or set()})
    outputs = run("scene_breakdown_v1", {"script": Given(script)}, context)
    return {
        **{
            members: {entity: made.data for entity, made in outputs[members].items()}
            for members in ("scene", "character", "location")
        },
        "scene_index": outputs["scene_index"].data,
    }


def report(scene: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of `scene_report` for a scene's payload."""
    return data_of("scene_report", {"scene": Given(scene)})


def data_of(
    artifact_type: str, inputs: Mapping[str, Any], context: Any = None, **params: Any
) -> dict[str, Any]:
    """The payload that the module `<artifact_type>_v1` makes of some inputs."""
    data: dict[str, Any] = run(f"{artifact_type}_v1", inputs, context, **params)[artifact_type].data
    return data


@dataclass
class Film:
    """Everything that the `screenplay` recipe makes of a text, by the modules alone."""

    made: dict[str, Any]
    reports: dict[str, Any]
    character_bibles: dict[str, Any]
    location_bibles: dict[str, Any]
    board: dict[str, Any]
    schedule: dict[str, Any]
    days: dict[str, Any]
    found: dict[str, Any]
    attached: dict[str, bytes]


def film(script: Mapping[str, Any], eighths_a_day: int = 40, schedule: Path | None = None) -> Film:
    """Runs the modules after one another, each with what its manifest would give it."""
    made = breakdown(script)
    reports = {entity: report(scene) for entity, scene in made["scene"].items()}
    context = FakeContext(sources={"schedule": schedule} if schedule else {})
    bibles: dict[str, dict[str, Any]] = {}
    for kind in ("character", "location"):
        bibles[kind] = {
            entity: data_of(
                f"{kind}_bible",
                {
                    kind: Given(payload, entity),
                    "scene_reports": given({s: reports[s] for s in payload["scenes"]}),
                },
                FakeContext(entity_id=entity),
            )
            for entity, payload in made[kind].items()
        }
    index, all_reports = Given(made["scene_index"]), given(reports)
    board = data_of(
        "strip_board",
        {
            "scene_index": index,
            "scene_reports": all_reports,
            "characters": given(made["character"]),
        },
        context,
    )
    plan = data_of("one_liner", {"strip_board": Given(board)}, context, eighths_a_day=eighths_a_day)
    days = data_of("day_out_of_days", {"one_liner": Given(plan)}, context)
    found = data_of(
        "cross_reference",
        {
            "scene_index": index,
            "scene_reports": all_reports,
            "character_bibles": given(bibles["character"]),
            "location_bibles": given(bibles["location"]),
        },
        context,
    )
    page = {
        "script": Given(script),
        "scene_index": index,
        "strip_board": Given(board),
        "one_liner": Given(plan),
        "day_out_of_days": Given(days),
        "cross_reference": Given(found),
    }
    data_of("board_page", page, context)
    sheets = {name: page[name] for name in ("script", "strip_board", "one_liner")}
    data_of("breakdown_sheets", {**sheets, "scene_reports": all_reports}, context)
    data_of("exports", sheets, context)
    return Film(
        made,
        reports,
        bibles["character"],
        bibles["location"],
        board,
        plan,
        days,
        found,
        context.attached,
    )


def given(payloads: Mapping[str, Any]) -> dict[str, Given]:
    """Many inputs, by entity id."""
    return {entity: Given(payload, entity) for entity, payload in sorted(payloads.items())}
