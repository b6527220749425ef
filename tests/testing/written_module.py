"""A module that a test writes, and calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

MANIFEST = """\
module_id: trim_v1
stage: trimming
inputs:
  draft: {type: draft}
  names: {type: name, many: true, optional: true}
  remark: {type: remark, optional: true}
outputs:
  - {type: trimmed}
  - {type: part, many: true}
parameters:
  properties:
    width: {type: integer, default: 3}
    words: {type: string, format: source-file, optional: true}
project_config: [margin]
helpers: [measure.py]
"""
MAIN = """\
from cineforge import ModuleResult, Output

from .shared.measure import cut


def run_module(inputs, params, project_config, context):
    data = {"text": cut(inputs.one("draft").data["text"], params["width"])}
    BODY
    return ModuleResult(outputs={"trimmed": Output(data=data), "part": {"a": Output(data={})}})
"""
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
DRAFT = {"draft": {"text": "lighthouse"}}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a module into a project; gives its folder."""

    def written(body: str = "pass", manifest: str = MANIFEST) -> Path:
        folder = tmp_path / "modules" / "trimming" / "trim_v1"
        shared, schemas = tmp_path / "modules" / "shared", tmp_path / "schemas" / "artifacts"
        for each in (folder, shared, schemas):
            each.mkdir(parents=True, exist_ok=True)
        (folder / "module.yaml").write_text(manifest)
        (folder / "main.py").write_text(MAIN.replace("BODY", body))
        (shared / "measure.py").write_text("def cut(text, width):\n    return text[:width]\n")
        for name, schema in {"draft": TEXT, "trimmed": TEXT, "part": {}}.items():
            (schemas / f"{name}.schema.json").write_text(json.dumps(schema))
        return folder

    return written
