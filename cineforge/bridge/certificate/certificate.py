"""A certificate: which stages had nothing to do, and all that this rests on.

It lies in `.cineforge/certificates/`, a file for each question, and is worth nothing as soon as anything is another:
the question, the program, the files that the recipe is read from, the sources, the index, the folders. So it saves
work that a full look would save, and can hide none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge import __version__
from cineforge.bridge.certificate.files_read import FilesRead, program_stamp
from cineforge.bridge.certificate.project_state import project_state
from cineforge.model.canonical import parsed_json
from cineforge.store import layout
from cineforge.store.disk.replacing import replace_file
from cineforge.store.disk.safe_files import read_regular, stream

if TYPE_CHECKING:
    from pydantic import JsonValue

_FORMAT = 1
#: So many questions are remembered; of more, the latest.
KEPT = 8
_PAYLOAD = re.compile(rf"{layout.ARTIFACTS}/[a-z0-9_.]+/[A-Za-z0-9_.-]+/v\d+/{layout.DATA_FILE}")

_WORKFLOW = re.compile(rf"{re.escape(layout.COMPILED)}/[A-Za-z0-9_+.-]+\.smk")


@dataclass(frozen=True)
class Source:
    """A source file as a recipe names it, where it was found, and the digest of its bytes; both None if it was not."""

    name: str
    path: str | None
    digest: str | None


@dataclass(frozen=True)
class Certificate:
    """`idle` maps stages that had nothing to do to a payload each, or to none: Snakemake wants some input.

    `files` and `state` are digests of what was looked at, `compiled` that of the file `workflow`, and `data` that of
    the recipe in it. `complete`: that is all of the recipe, and no head is held, of which a plan would tell. All of it
    counts for runs in which just these `triggers` count.
    """

    question: str
    workflow: str
    files: str
    state: str
    compiled: str
    data: str
    sources: tuple[Source, ...]
    triggers: tuple[str, ...]
    idle: Mapping[str, Sequence[str]]
    complete: bool


def question_of(recipes: Sequence[Path], config: Mapping[str, JsonValue]) -> str:
    """The digest of what is asked: recipes with a configuration, of this program under this Python.

    Keys that are in a configuration are in no record: a digest shows nothing of them.
    """
    program = [_FORMAT, __version__, program_stamp(), sys.version]
    return data_digest([*program, list(map(str, recipes)), config])


def data_digest(data: object) -> str:
    """The digest of plain data, such as a recipe or a configuration."""
    text = json.dumps(data, sort_keys=True, default=repr)
    return text_digest(text)


def text_digest(text: str) -> str:
    """The digest of a text, such as that of a compiled workflow."""
    return _digest(text.encode("utf-8", "surrogatepass"))


def find_certificate(
    project: Path, question: str, files: FilesRead, folders: Sequence[Path]
) -> Certificate | None:
    """The certificate for a question, if all is as it was. `folders` are where sources are looked up, in order."""
    found = _read(project, question)
    if found is None:
        return None
    try:
        if found.files != files.digest():
            return None
        if _digest(read_regular(project / found.workflow)) != found.compiled:
            return None
        if any(source != look_up(source.name, folders) for source in found.sources):
            return None
    except (OSError, RuntimeError):
        return None
    state = project_state(project)
    return found if state is not None and state.digest == found.state else None


def look_up(name: str, folders: Sequence[Path]) -> Source:
    """A source file as it is now. Raises OSError for what cannot be read."""
    wanted = Path(name).expanduser()
    for folder in folders:
        if (folder / wanted).exists():
            path = (folder / wanted).resolve()
            with stream(path, follow=True, holes=False) as content:
                return Source(name, str(path), hashlib.file_digest(content, "sha256").hexdigest())
    return Source(name, None, None)


def keep_certificate(project: Path, certificate: Certificate) -> None:
    """Write a certificate down, in the place of an earlier one for the same question. Raises OSError."""
    keep_sealed(project, certificate.question, asdict(certificate))


def keep_sealed(project: Path, name: str, data: object) -> None:
    """Write something down beside the certificates, in the place of what has the same name. Raises OSError."""
    folder = project / layout.CERTIFICATES
    layout.require_inside(project, folder)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, sort_keys=True)
    path = folder / f"{name}.json"
    draft = folder / f"{name}.{os.getpid()}.new"
    replace_file(path, f"{_digest(text.encode())}\n{text}\n", draft=draft)
    _forget_oldest(folder)


def read_sealed(project: Path, name: str) -> Any:
    """What is written down under a name. None where there is nothing, or it is not what was written."""
    try:
        content = read_regular(project / layout.CERTIFICATES / f"{name}.json")
        seal, _, text = content.decode().partition("\n")
        text = text.removesuffix("\n")
        return parsed_json(text) if seal == _digest(text.encode()) else None
    except (OSError, ValueError):
        return None


def _forget_oldest(folder: Path) -> None:
    with contextlib.suppress(OSError):
        files = sorted(folder.iterdir(), key=lambda path: path.lstat().st_mtime_ns)
        for path in files[:-KEPT]:
            path.unlink()


def _read(project: Path, question: str) -> Certificate | None:
    """What is written down for a question. None where there is nothing, or it is not what was written."""
    try:
        data = read_sealed(project, question)
        data["sources"] = tuple(Source(**each) for each in data["sources"])
        data["triggers"] = tuple(data["triggers"])
        found = Certificate(**data)
    except (ValueError, LookupError, TypeError):
        return None
    payloads = [path for paths in found.idle.values() for path in paths]
    is_ours = all(map(_PAYLOAD.fullmatch, payloads)) and _WORKFLOW.fullmatch(found.workflow)
    return found if is_ours and found.question == question else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
