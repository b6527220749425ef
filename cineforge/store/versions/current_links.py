"""`current/<type>/<entity>.json`: links to the heads, for people. What a person put in the place of one is theirs.

The links are disposable, and none of them stops a publication. But an editor may replace a link by a file: that is
somebody's work, which stays until it is in a version. And where a link cannot be made, it is said.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import CineForgeError, InvalidPayload, StoreDamaged
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout
from cineforge.store.disk import durable
from cineforge.store.versions import links
from cineforge.store.versions.seal import read_sealed
from cineforge.store.versions.staging import digest_of

_OURS = re.compile(
    rf"(?:.*/)?{layout.ARTIFACTS}/([^/]+)/([^/]+)/v\d{{4,9}}/{re.escape(layout.DATA_FILE)}"
)
#: A file that is larger is taken for somebody's without a look.
_LARGEST = 64 * 1024 * 1024


class LinkNotMade(CineForgeError):
    """A `current/` link does not lead to the head. The versions are as they should be.

    `is_edit`: a person's file stands in its place, and is kept.
    """

    def __init__(self, key: ArtifactKey, text: str, *, is_edit: bool = False) -> None:
        super().__init__(text)
        self.key = key
        self.is_edit = is_edit


def point_current(
    project: Path, key: ArtifactKey, number: int, inside: layout.Inside | None = None
) -> Path:
    """Make `current/<type>/<entity>.json` lead to the payload of the version with that number.

    `inside` knows what was looked at for others. Raises LinkNotMade for what is not ours to replace, and OSError as the
    disk does.
    """
    home = f"{project}/{layout.CURRENT}/{key.artifact_type}"
    link = Path(f"{home}/{key.entity_dir}.json")
    wanted = _target(key, number)
    try:
        (inside or layout.Inside(project)).require(home)
    except StoreDamaged as error:
        raise LinkNotMade(key, str(error)) from error
    try:
        link.symlink_to(wanted)
    except OSError:  # there is one, or no folder for it
        if not links.is_right(link, wanted):
            trouble = in_the_way(project, key, number)
            if trouble is not None:
                raise trouble from None
            _replace(project, key, link, wanted)
    return link


def in_the_way(project: Path, key: ArtifactKey, number: int) -> LinkNotMade | None:
    """What stands where the link to a version belongs and is not ours to replace; None when nothing does."""
    link = layout.current_path(project, key)
    shown = link.relative_to(project)
    try:
        kind = link.lstat().st_mode
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        home = shown.parent if (project / layout.CURRENT).is_dir() else shown.parent.parent
        return LinkNotMade(key, f"{home} is no folder: move it away, and run 'cineforge reindex'")
    if stat.S_ISLNK(kind):
        leads_to = os.readlink(link)  # noqa: PTH115
        ours = _OURS.fullmatch(leads_to)
        if ours is not None and ours.groups() == (key.artifact_type, key.entity_dir):
            return None
        if not link.exists():
            return None  # it leads nowhere: nothing is lost with it
        return LinkNotMade(
            key,
            f"{shown} is a link to {leads_to}, made by hand: remove it, and run 'cineforge reindex'",
        )
    if not stat.S_ISREG(kind):
        return LinkNotMade(
            key, f"{shown} is neither a link nor a file: move it away, and run 'cineforge reindex'"
        )
    if _is_in_a_version(project, key, link, number):
        return None
    words = str(key).replace("/", " ")
    return LinkNotMade(
        key,
        f"{shown} was edited, and is in no version: 'cineforge put {words} {shown} --why ...' saves it."
        " Until then it is kept as it is, and does not show the head",
        is_edit=True,
    )


def replaced_links(project: Path) -> Iterator[ArtifactKey]:
    """The artifacts in place of whose links something else stands. Files of no artifact are nobody's business.

    One look at the names in the folders, so that it may be taken at the start of every command.
    """
    home = project / layout.CURRENT
    with suppress(OSError), os.scandir(home) as types:
        for folder in types:
            with suppress(OSError), os.scandir(folder.path) as entries:
                odd = [each.name for each in entries if not each.is_symlink()]
            for name in odd:
                if name.endswith(".json") and not name.startswith("."):
                    with suppress(CineForgeError):
                        key = layout.key_of(folder.name, name.removesuffix(".json"))
                        if layout.artifact_dir(project, key).is_dir():
                            yield key


def _target(key: ArtifactKey, number: int) -> str:
    home = f"../../{layout.ARTIFACTS}/{key.artifact_type}/{key.entity_dir}"
    return f"{home}/{layout.version_name(number)}/{layout.DATA_FILE}"


def _replace(project: Path, key: ArtifactKey, link: Path, wanted: str) -> None:
    try:
        links.put(project, link, wanted)
    except OSError as error:
        if error.errno in durable.FULL:
            raise
        place = link.parent if link.parent.is_dir() else project / layout.CURRENT
        raise LinkNotMade(
            key,
            f"{link.relative_to(project)} cannot be made to lead to {key}@{number_of(wanted)}"
            f" ({os.strerror(error.errno or errno.EIO)}): the version is there, the link is not right. Make"
            f" {place.relative_to(project)} a folder that can be written to, and run 'cineforge reindex'",
        ) from error


def number_of(target: str) -> int:
    return int(target.split("/")[-2].removeprefix("v"))


def _is_in_a_version(project: Path, key: ArtifactKey, path: Path, number: int) -> bool:
    """Whether a file says just what the version with that number says, or the one before it.

    So does what was put from this very file, and so do all in a copy of a project that followed the links.
    """
    try:
        raw = _bytes_of(path)
        if raw is None:
            return False
        with suppress(UnicodeDecodeError):
            # A checkout without symbolic links has their targets as text.
            ours = _OURS.fullmatch(raw[:1000].decode().strip())
            if ours is not None:
                return True
        digest = digest_of(json.loads(raw))
    except (OSError, ValueError, RecursionError, InvalidPayload):
        return False
    for version in (number, number - 1):
        with suppress(CineForgeError, OSError, ValueError):
            ref = ArtifactRef(
                artifact_type=key.artifact_type, entity_id=key.entity_id, version=version
            )
            if read_sealed(layout.version_dir(project, ref), ref).data_digest == digest:
                return True
    return False


def _bytes_of(path: Path) -> bytes | None:
    """What is in a regular file of ordinary size; None for any other."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
            return None
        return file.read(_LARGEST)


def note_missing_link(project: Path, key: ArtifactKey) -> None:
    """Note that the link of an artifact is not right, for whoever can make it. Lost, `reindex` makes all of them."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with suppress(OSError):
        descriptor = os.open(_missing_links_file(project), flags, 0o644)
        try:
            os.write(descriptor, f"{key.artifact_type}/{key.entity_dir}\n".encode())
        finally:
            os.close(descriptor)


def missing_links(project: Path) -> set[ArtifactKey]:
    """The artifacts whose links were not right when somebody made a version of them."""
    found = set()
    with suppress(OSError, UnicodeDecodeError):
        for line in (_bytes_of(_missing_links_file(project)) or b"").decode().splitlines():
            with suppress(CineForgeError):
                name, _, entity = line.partition("/")
                found.add(layout.key_of(name, entity))
    return found


def keep_missing_links(project: Path, left: list[ArtifactKey]) -> None:
    """Note that only these are not right any more."""
    with suppress(OSError):
        _missing_links_file(project).unlink(missing_ok=True)
    for key in left:
        note_missing_link(project, key)


def _missing_links_file(project: Path) -> Path:
    return project / layout.MISSING_LINKS
