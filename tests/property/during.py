"""What happens in the middle of a run: while a module is at work, files change or somebody types a command.

It is the module itself that does it, as its call begins, so it happens at the same moment however the run is carried
out, and nobody waits for anybody. Any list of deeds can be planned for the n-th module call from now on:

    plan(folder, 3, [*edits(before, after, unseen=True), typed("put", "scene", "mine.json")])

does them when the third call begins. `has_happened` tells whether it came to that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

#: What a person, or a tool, does at that moment: plain data that the module can read.
Deed = dict[str, Any]
#: What a job says that could not be done as planned.
CHANGED = "was changed while the run was on: run the same command again"
#: The folders and files that people write.
_WRITTEN = ("modules/**/*", "schemas/**/*", "recipes/*", "*.yaml", "s*.json")


def plan(folder: Path, call: int, deeds: list[Deed]) -> None:
    """Have some deeds done when the n-th module call from now on begins."""
    before = len((folder / "calls.log").read_text(encoding="utf-8").splitlines())
    (folder / "during").mkdir(exist_ok=True)
    for old in (folder / "during").iterdir():
        old.unlink()
    text = json.dumps({"call": before + call, "deeds": deeds})
    (folder / "during" / "planned.json").write_text(text, encoding="utf-8")


def has_happened(folder: Path) -> bool:
    """Whether it came to the deeds planned last. If not, it will not any more."""
    (folder / "during" / "planned.json").unlink(missing_ok=True)
    return (folder / "during" / "done").exists()


def said_by_commands(folder: Path) -> list[tuple[int, str]]:
    """The status and the output of every command that was typed then."""
    return [
        (said["status"], said["output"])
        for file in sorted((folder / "during").glob("said-*.json"))
        for said in [json.loads(file.read_text(encoding="utf-8"))]
    ]


def typed(*words: str) -> Deed:
    """Somebody types `cineforge` with these words, in the project."""
    return {"typed": list(words)}


def edits(before: Mapping[str, str], after: Mapping[str, str], *, unseen: bool) -> Iterator[Deed]:
    """Somebody brings the files from one state to another; `unseen`, so that their times do not tell."""
    for name, text in after.items():
        if before.get(name) != text:
            yield {"file": name, "text": text, "unseen": unseen}


def files(folder: Path) -> dict[str, str]:
    """Everything that people wrote in the project."""
    found = (path for pattern in _WRITTEN for path in folder.glob(pattern))
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(found)
        if path.is_file()
    }


#: The part of it that stands in the modules; `PROJECT` is theirs.
CODE = """
import os, subprocess, sys


def happen(calls_so_far):
    planned = PROJECT / "during" / "planned.json"
    if not planned.exists() or json.loads(planned.read_text())["call"] > calls_so_far:
        return
    try:
        planned.rename(planned.with_name("taken.json"))
    except FileNotFoundError:
        return  # another call was faster
    for number, deed in enumerate(json.loads(planned.with_name("taken.json").read_text())["deeds"]):
        if "typed" in deed:
            words = [sys.executable, "-m", "cineforge", *deed["typed"], "--directory", str(PROJECT)]
            done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            said = json.dumps({"status": done.returncode, "output": done.stdout + done.stderr})
            planned.with_name(f"said-{number:03d}.json").write_text(said)
            continue
        file = PROJECT / deed["file"]
        before = file.stat()
        if deed["unseen"]:
            file.write_text(deed["text"])
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        else:
            draft = file.with_name(".draft")
            draft.write_text(deed["text"])
            draft.replace(file)
    planned.with_name("done").touch()
"""
