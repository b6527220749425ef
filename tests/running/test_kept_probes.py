"""What is kept for runs of what a plan had made, when somebody else has been there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cineforge.deciding.dry_run.probe import ProbedOutput
from cineforge.model.canonical import digest_bytes, digest_json
from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import content_digest
from cineforge.model.refs import ArtifactKey
from cineforge.running.probing import probes

KEY, OTHER = "a" * 64, "b" * 64
LONG_AGO = 0


def report(**output: Any) -> str:
    """A report with its right digest, as anybody can make one."""
    said = {"data": "hello"}
    made = {
        "artifact_type": "note",
        "entity_id": None,
        "content": "sha256:" + "0" * 64,
        "folder": "0",
        "files": [],
        "said": said,
        **output,
    }
    call = {"made": [made], "warnings": [], "usage": None}
    return json.dumps({"call": call, "digest": digest_json(call)})


def write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(text)


def test_a_report_is_taken_as_it_was_written(tmp_path: Path) -> None:
    write(tmp_path / KEY, report())
    call = probes.kept_call(tmp_path, KEY)
    assert call is not None
    assert probes.probed_outputs(tmp_path, KEY, call)[0].folder == tmp_path / KEY / "0"


@pytest.mark.parametrize(
    "text",
    [
        *(report(folder=name) for name in ("../x", "/etc", ".", "..", "0/../../x", "", "0\n")),
        report().replace("hello", "other"),
        report()[:-9],
        "[" * 200_000,
        "7",
    ],
)
def test_a_damaged_report_counts_as_none(tmp_path: Path, text: str) -> None:
    write(tmp_path / KEY, text)
    assert probes.kept_call(tmp_path, KEY) is None


@pytest.mark.parametrize("place", ["", KEY, f"{KEY}/report.json", f"{KEY}/0"])
def test_nothing_is_taken_from_behind_a_link_or_touched_there(tmp_path: Path, place: str) -> None:
    home = tmp_path / "probes"
    write(home / KEY, report())
    (home / KEY / "0").mkdir()
    (home / KEY / "0" / "data.json").touch()
    elsewhere = tmp_path / "elsewhere"
    (home / place).rename(elsewhere)
    (home / place).symlink_to(elsewhere)
    os.utime(elsewhere, (LONG_AGO, LONG_AGO))
    assert probes.kept_call(home, KEY) is None
    probes.sweep(home)
    assert elsewhere.stat().st_mtime == LONG_AGO
    assert elsewhere.is_file() or any(elsewhere.rglob("*.json"))


def test_only_what_has_our_names_is_swept(tmp_path: Path) -> None:
    names = [KEY, f".{OTHER}.77", ".work-0123456789abcdef", "notes", "A" * 64, ".work-x"]
    for name in names:
        write(tmp_path / name, "{}")
        os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))
    probes.sweep(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(names[3:])


@pytest.mark.parametrize("text", ['"other"', "[" * 100_000, ""])
def test_a_payload_that_was_changed_since_is_told_and_not_decided_by(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "data.json").write_text(text)
    content = content_digest(digest_bytes(b'"hello"'), ())
    probed = ProbedOutput(ArtifactKey("note", None), content, tmp_path)
    with pytest.raises(StoreDamaged, match="was changed"):
        _ = probed.data
