"""What was made and could not be published, kept below its run: `runs/<id>/unpublished/<type>/<entity>/`.

Each folder is like a version's, with the payload in `data.json` and attached files in `files/`; where the payload does
not fit its schema, `errors.json` says why. 'cineforge put' takes it from there.
"""

from __future__ import annotations

import json
import os
import reprlib
import shlex
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cineforge.model.canonical import canonical_json
from cineforge.model.errors import CineForgeError, InvalidName
from cineforge.model.module_result import Output
from cineforge.model.names import NO_ENTITY, check_entity, check_type
from cineforge.model.refs import ArtifactKey
from cineforge.model.secrets import without_secrets
from cineforge.store import layout
from cineforge.store.disk import safe_files
from cineforge.store.versions.staging import StagedPayload

#: Where what has no proper name is kept.
_NAMELESS = "_unnamed"


def put_aside(project: Path, staged: StagedPayload, folder: Path) -> Path:
    """Move what was staged there; returns where it is."""
    while True:
        target = _free(_home(project, folder, staged.key))
        with suppress(FileExistsError):
            staged.folder.rename(target)
            return target


class Unpublished:
    """For workers: keeps what one call made in `folder`, without the secrets that are known in what is said of it."""

    def __init__(self, project: Path, folder: Path, secrets: frozenset[str]) -> None:
        self._project = project
        self._folder = folder
        self._secrets = secrets
        self.count = 0
        self._command = ""

    def keep(
        self,
        artifact_type: str,
        entity: str | None,
        output: Output,
        problems: Sequence[str],
        attachments: Mapping[str, Path],
    ) -> None:
        """Keep one output. What the disk refuses is let go: the call has failed already, and says why."""
        with suppress(OSError, CineForgeError):
            home = _home(self._project, self._folder, _key(artifact_type, entity))
            target = _made(home)
            name, content = _content(output.data)
            safe_files.write_new(target / name, content)
            if problems:
                artifact = {"artifact": f"{artifact_type}/{entity or NO_ENTITY}"}
                errors = [without_secrets(each, self._secrets) for each in problems]
                text = json.dumps({**artifact, "errors": errors}, indent=1, ensure_ascii=False)
                safe_files.write_new(target / layout.ERRORS_FILE, text + "\n")
                if not self._command:
                    place = target.relative_to(self._project)
                    key = _key(artifact_type, entity)
                    self._command = f"cineforge put {key} {shlex.quote(str(place))}"
            for attached in output.files:
                self._attach(target / layout.FILES_DIR, attached, attachments)
            self.count += 1

    def keep_staged(self, staged: StagedPayload) -> None:
        """Keep what fits, and was staged before something else did not."""
        with suppress(OSError, CineForgeError):
            put_aside(self._project, staged, self._folder)
            self.count += 1

    def _attach(self, folder: Path, name: str, attachments: Mapping[str, Path]) -> None:
        source, target = attachments.get(name), folder / name
        is_inside = Path(os.path.normpath(target)).is_relative_to(folder)
        if source is not None and is_inside:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)

    def text(self) -> str:
        """Where it is and what can be done with it; nothing when nothing is kept."""
        if not self.count:
            return ""
        place = self._folder.relative_to(self._project)
        command = self._command or "cineforge put TYPE/ENTITY FOLDER"
        return (
            f"\n  what it made is kept in {place}/: look at it there, correct what does not fit, and"
            f" '{command}' takes it{' (and so on)' if self.count > 1 else ''}"
        )


def _key(artifact_type: str, entity: str | None) -> ArtifactKey:
    try:
        return ArtifactKey(
            check_type(artifact_type), None if entity is None else check_entity(entity)
        )
    except InvalidName:
        return ArtifactKey(_NAMELESS, None)


def _content(data: object) -> tuple[str, bytes]:
    """A payload as it is written; what is no plain JSON as near to it as can be."""
    try:
        return layout.DATA_FILE, canonical_json(data)
    except CineForgeError:
        pass
    try:
        text = json.dumps(data, indent=1, ensure_ascii=False, default=str)
    except (ValueError, TypeError, RecursionError):
        return "data.txt", _shown(data)[: safe_files.LIMIT].encode("utf-8", "backslashreplace")
    return layout.DATA_FILE, text.encode("utf-8", "backslashreplace")


def _shown(data: object) -> str:
    """Any value as text: what holds itself, or goes down for ever, to a few levels."""
    try:
        return repr(data)
    except Exception:
        return reprlib.repr(data)


def _home(project: Path, folder: Path, key: ArtifactKey) -> Path:
    home = folder / key.artifact_type
    layout.require_inside(project, home)
    home.mkdir(parents=True, exist_ok=True)
    return home / key.entity_dir


def _made(home: Path) -> Path:
    """A new folder of that name, or with a number behind it."""
    while True:
        target = _free(home)
        with suppress(FileExistsError):
            target.mkdir()
            return target


def _free(home: Path) -> Path:
    target, attempt = home, 1
    while os.path.lexists(target):
        attempt += 1
        target = home.with_name(f"{home.name}.{attempt}")
    return target
