"""The shipped modules called one after another, each with what its manifest would give it; no project, no run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cineforge import ModuleResult, Output
from cineforge.recipes.modules.module_code import read_code
from cineforge.running.workers.loader import load_module
from cineforge.testing import FakeContext, call_module

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "workflow" / "modules"
SAMPLES = ROOT / "samples"


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
    return read_script(path)


def read_script(path: Path, context: FakeContext | None = None, **params: Any) -> dict[str, Any]:
    """The payload of `script` for a file."""
    made = call_module("fountain_ingest_v1", {}, {"source": path, **params}, context=context)
    script: dict[str, Any] = made.one("script").data
    return script


def breakdown(
    script: Mapping[str, Any], before: Mapping[str, Any] | None = None, used: set[str] | None = None
) -> dict[str, Any]:
    """The payloads that a breakdown emits, by type (and id); `before` is the result of an earlier one."""
    context = FakeContext(previous=members_of(before), used_ids={"scene": used or set()})
    return payloads(call_module("scene_breakdown_v1", {"script": script}, context=context))


def members_of(before: Mapping[str, Any] | None) -> dict[str, Any]:
    """An earlier breakdown as the next one meets it."""
    if before is None:
        return {}
    members = {name: before[name] for name in ("scene", "character", "location")}
    return {**members, "scene_index": {"_": before["scene_index"]}}


def payloads(made: ModuleResult) -> dict[str, Any]:
    """All that a call made, by type (and id)."""
    return {
        name: its.data
        if isinstance(its, Output)
        else {entity: output.data for entity, output in made.many(name).items()}
        for name, its in made.outputs.items()
    }


def report(scene: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of `scene_report` for a scene's payload."""
    return data_of("scene_report", {"scene": scene})


def data_of(
    artifact_type: str,
    inputs: Mapping[str, Any],
    context: FakeContext | None = None,
    **params: Any,
) -> dict[str, Any]:
    """The payload that the module `<artifact_type>_v1` makes of some inputs."""
    made = call_module(f"{artifact_type}_v1", inputs, params, context=context)
    data: dict[str, Any] = made.one(artifact_type).data
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
                    kind: payload,
                    "scene_reports": {s: reports[s] for s in payload["scenes"]},
                },
                FakeContext(entity_id=entity),
            )
            for entity, payload in made[kind].items()
        }
    index, all_reports = made["scene_index"], reports
    board = data_of(
        "strip_board",
        {
            "scene_index": index,
            "scene_reports": all_reports,
            "characters": made["character"],
        },
        context,
    )
    plan = data_of("one_liner", {"strip_board": board}, context, eighths_a_day=eighths_a_day)
    days = data_of("day_out_of_days", {"one_liner": plan}, context)
    found = data_of(
        "cross_reference",
        {
            "scene_index": index,
            "scene_reports": all_reports,
            "character_bibles": bibles["character"],
            "location_bibles": bibles["location"],
        },
        context,
    )
    page = {
        "script": script,
        "scene_index": index,
        "strip_board": board,
        "one_liner": plan,
        "day_out_of_days": days,
        "cross_reference": found,
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
