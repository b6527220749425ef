"""Small Final Draft files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.modules.module_bench import read_script

SCRIPT = '<FinalDraft DocumentType="Script"><Content>{}</Content></FinalDraft>'
HEADING = '<Paragraph Type="Scene Heading"><Text>INT. HOUSE - DAY</Text></Paragraph>'


def read(tmp_path: Path, content: str | bytes, name: str = "story.fdx") -> dict[str, Any]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_script(path)
