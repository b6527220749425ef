"""Where things stand on disk: the one module that knows; and the check that no write ever leaves the project."""

from __future__ import annotations

import functools
import os
import re
from contextlib import suppress
from pathlib import Path

from cineforge.model import refs
from cineforge.model.errors import InvalidName, StoreDamaged
from cineforge.model.names import NO_ENTITY
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref, make_key

ARTIFACTS = refs.ARTIFACTS
CURRENT = "current"
#: What can be made again from the folders: whoever likes may delete it at any time.
PRIVATE = ".cineforge"
#: What living processes are at, and what dead ones left. None of it can be made again: it lies with what it is about.
LIVE = f"{ARTIFACTS}/.live"
RUNS = "runs"
SNAKEMAKE = ".snakemake"
#: Where runs outside a project work.
OUTSIDE = "output"

# In a project, by people.
CONFIG_FILE = "config.yaml"
MODULES = "modules"
RECIPES = "recipes"
SCHEMAS = f"schemas/{ARTIFACTS}"

# In `.cineforge/`.
INDEX = f"{PRIVATE}/index.sqlite"
COMPILED = f"{PRIVATE}/compiled"
CERTIFICATES = f"{PRIVATE}/certificates"
PROBES = f"{PRIVATE}/probes"
#: Where plans have pure modules work: folders that are locked as long as their process lives.
PROBING = f"{PROBES}/.work"
MISSING_LINKS = f"{PRIVATE}/links.owed"

# In `artifacts/`, beside the types: no type begins with a dot.
PROJECT_FILE = f"{ARTIFACTS}/.project"
STAMP = f"{LIVE}/stamp"
OWNERS = f"{LIVE}/owners"
RESERVED = f"{LIVE}/reserved"
CLAIMS = f"{LIVE}/claims"
SCRATCH = f"{LIVE}/scratch"
#: Paid calls, by the work that they were made for. They cannot be made again without paying.
REMEMBERED = f"{ARTIFACTS}/.remembered"

# In a run's folder.
EVENTS_FILE = "pipeline_events.jsonl"
STATE_FILE = "run_state.json"
PLAN_FILE = "plan.json"
#: Lies there while the record is open, so that unfinished ones are found without reading any.
LIVE_FILE = "live"
BUDGET_FILE = "budget.json"
LOGS = "logs"
JOBS = "jobs"
UNPUBLISHED = "unpublished"
#: There, beside a payload that does not fit its schema.
ERRORS_FILE = "errors.json"

# In a version's folder.
DATA_FILE = "data.json"
META_FILE = "meta.json"
FILES_DIR = "files"

# v00012 would be a second spelling of v0012.
_NUMBER = r"v(\d{4}|[1-9]\d{4,8})"
_VERSION_DIR = re.compile(_NUMBER, re.ASCII)
_TICKET = re.compile(rf"{_NUMBER}\.json", re.ASCII)


version_name = refs.version_name


def _number(pattern: re.Pattern[str], name: str) -> int | None:
    match = pattern.fullmatch(name)
    return int(match[1]) or None if match else None


def version_number(folder_name: str) -> int | None:
    """The version a folder name stands for, or None for any other name."""
    return _number(_VERSION_DIR, folder_name)


def ticket_number(file_name: str) -> int | None:
    """The version a ticket's file name stands for, or None for any other name."""
    return _number(_TICKET, file_name)


def payload_size(folder: Path) -> int | None:
    """The bytes of the payload in a version's folder; None when it cannot be looked at."""
    try:
        return (folder / DATA_FILE).stat().st_size
    except OSError:
        return None


def key_of(type_dir: str, entity_dir: str) -> ArtifactKey:
    """The artifact behind two folder names; raises InvalidName for foreign folders."""
    return make_key(type_dir, None if entity_dir == NO_ENTITY else entity_dir)


def ref_of(folder: Path) -> ArtifactRef:
    """The version that a folder is named as; raises InvalidName for foreign folders."""
    number = version_number(folder.name)
    if number is None:
        raise InvalidName(f"{folder} is not named as the folder of a version")
    return lean_ref(key_of(folder.parent.parent.name, folder.parent.name), number)


def looks_like_project(folder: Path) -> bool:
    """Whether a folder is a project's: it has a configuration, or artifacts."""
    return (folder / CONFIG_FILE).is_file() or (folder / ARTIFACTS).is_dir()


def run_folder(project: Path, run_id: str) -> Path:
    return project / RUNS / run_id


def ticket_name(key: ArtifactKey, version: int, by: str = "") -> str:
    """Where a version's ticket is, or will be, relative to the project: as Snakemake names it.

    `by` names the stage, where it is one that refines: another makes the same artifact.
    """
    name = f"{version_name(version)}.{by}" if by else version_name(version)
    return f"{ARTIFACTS}/{key.artifact_type}/{key.entity_dir}/{name}.json"


def payload_name(ref: ArtifactRef) -> str:
    """Where a version's payload is, relative to the project."""
    return f"{ref.path}/{DATA_FILE}"


def current_name(key: ArtifactKey) -> str:
    """The link to an artifact's head, relative to the project."""
    return f"{CURRENT}/{key.artifact_type}/{key.entity_dir}.json"


# As many as are asked for again soon; a path is large.
@functools.lru_cache(maxsize=256)
def artifact_dir(project: Path, key: ArtifactKey) -> Path:
    return project.joinpath(ARTIFACTS, key.artifact_type, key.entity_dir)


def artifact_place(project: Path, key: ArtifactKey) -> str:
    """The same as text: for what is done for every version of a large fan-out."""
    return f"{project}/{ARTIFACTS}/{key.artifact_type}/{key.entity_dir}"


def version_name_of(ref: ArtifactRef) -> str:
    """Where a version lies within `artifacts/`."""
    return f"{ref.artifact_type}/{ref.key.entity_dir}/{version_name(ref.version)}"


def version_dir(project: Path, ref: ArtifactRef) -> Path:
    return artifact_dir(project, ref.key) / version_name(ref.version)


def is_occupied(project: Path, key: ArtifactKey, version: int) -> bool:
    """Whether something stands where a version would: the version, or what is damaged or was put there by hand."""
    return os.path.lexists(f"{artifact_place(project, key)}/{version_name(version)}")


def ticket_path(project: Path, key: ArtifactKey, version: int, by: str = "") -> Path:
    return project / ticket_name(key, version, by)


def current_path(project: Path, key: ArtifactKey) -> Path:
    return project.joinpath(CURRENT, key.artifact_type, f"{key.entity_dir}.json")


def require_inside(project: Path, folder: Path) -> None:
    """Raise StoreDamaged when a symbolic link on the way to `folder` leads out of the project."""
    # Several times in each save, so on bare text; only a link on the way is worth the full look.
    way, top = str(folder), str(project)
    while way != top and not os.path.islink(way):  # noqa: PTH114
        way, inner = os.path.dirname(way), way  # noqa: PTH120
        if way == inner:
            break
    if way == top:
        return
    real = folder.resolve()
    if not real.is_relative_to(project.resolve()):
        raise StoreDamaged(
            f"{folder} leads out of the project, to {real}: a symbolic link stands in the way; "
            "replace it by a real folder"
        )


def is_inside(project: Path, folder: Path) -> bool:
    """Whether no symbolic link on the way to `folder` leads out of the project."""
    try:
        require_inside(project, folder)
    except StoreDamaged:
        return False
    return True


class Inside:
    """`require_inside` for many folders: what they have in common on the way is looked at once in so many."""

    _FRESH = 1000

    def __init__(self, project: Path) -> None:
        self._project = project
        self._known: set[str] = set()
        self._asked = 0

    def require(self, folder: Path | str) -> None:
        """Raise StoreDamaged when a symbolic link on the way to `folder` leads out of the project."""
        self._asked += 1
        if self._asked % self._FRESH == 0:  # somebody may have put a link there meanwhile
            self._known.clear()
        way = str(folder)
        above = os.path.dirname(way)  # noqa: PTH120
        if above in self._known and not os.path.islink(way):  # noqa: PTH114
            return
        require_inside(self._project, Path(folder))
        if not os.path.islink(way):  # noqa: PTH114
            self._known.add(above)


def require_no_link(*folders: Path) -> None:
    """Raise StoreDamaged when one of these folders of ours is a link, be it to another one of the project."""
    for folder in folders:
        if folder.is_symlink():
            raise StoreDamaged(f"{folder} is a symbolic link to {folder.resolve()}: remove it")


def require_utf8(project: Path) -> None:
    """Raise InvalidName when a project's path is none: what is told to workers, and put on record, is JSON."""
    try:
        os.fspath(project).encode()
    except UnicodeEncodeError:
        name = repr(os.fsencode(project))[1:]
        raise InvalidName(f"the project's path {name} is not UTF-8: rename the folder") from None


def require_own_folders(project: Path) -> None:
    """Raise InvalidName as `require_utf8`, and StoreDamaged when a folder leads elsewhere.

    Such a folder is one that is written to without asking the store. What is in the folders that nobody but us fills
    may not lead to another place of the project either: it would be swept there.
    """
    require_utf8(project)
    for name in (PRIVATE, RUNS, LIVE, REMEMBERED, SNAKEMAKE):
        folder = project / name
        require_inside(project, folder)
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    require_inside(project, Path(entry.path))
                    if name in (PRIVATE, LIVE, REMEMBERED) and entry.is_dir():
                        raise StoreDamaged(
                            f"{entry.path} is a symbolic link to {Path(entry.path).resolve()}: remove it"
                        )
