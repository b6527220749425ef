"""The files of a run's record, as written and as read: `pipeline_events.jsonl` and `run_state.json`."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from cineforge.model.errors import StoreDamaged
from cineforge.model.records.run_events import Event, PipelineEvent
from cineforge.model.records.run_state import RunState
from cineforge.store import layout
from cineforge.store.disk import safe_files
from cineforge.store.disk.replacing import draft_of, replace_file


def runs_folder(project: Path) -> Path:
    return project / layout.RUNS


def run_ids(project: Path) -> list[str]:
    """All runs that left a record, in the order of their ids."""
    folder = runs_folder(project)
    if not folder.is_dir():
        return []
    return sorted(each.name for each in folder.iterdir() if (each / layout.EVENTS_FILE).is_file())


def read_events(folder: Path) -> Iterator[Event]:
    """The events of a run in order. A last line cut short by a crash of the machine is passed over."""
    with open_regular(folder / layout.EVENTS_FILE) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield PipelineEvent.model_validate_json(line).event
            except ValidationError as error:
                raise StoreDamaged(
                    f"{folder / layout.EVENTS_FILE}:{number}: not an event of this program: {error.errors()[0]['msg']}"
                ) from error


def read_state(folder: Path) -> RunState:
    """The state as last written. Raises StoreDamaged when it cannot be read."""
    path = folder / layout.STATE_FILE
    try:
        return RunState.model_validate_json(safe_files.read_regular(path))
    except OSError as error:
        raise StoreDamaged(f"{path} cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise StoreDamaged(f"{path} cannot be read ({error.errors()[0]['msg']})") from error


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read it. Raises StoreDamaged for what cannot be opened, or is none: a FIFO would be waited for."""
    try:
        return safe_files.stream(path, holes=False)
    except OSError as error:
        raise StoreDamaged(f"{path} cannot be read ({error.strerror})") from error


def discard_record(folder: Path) -> None:
    """Remove the record of a run that could not even begin, and its folder when nothing else is in it."""
    folds = (layout.STATE_FILE, layout.PLAN_FILE)
    files = [folder / each for each in (layout.EVENTS_FILE, *folds, layout.LIVE_FILE)]
    for path in (*files, *map(draft_of, files)):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def write_private(path: Path, text: str) -> None:
    """Replace a file that may hold keys, in one step: nobody else may read it, whatever the umask."""
    replace_file(path, text, private=True)


def write_fold(folder: Path, name: str, text: str, *, durable: bool) -> None:
    """Replace `run_state.json` or `plan.json` in one step."""
    _require_real(folder)
    replace_file(folder / name, text, sync=durable)


def beat(folder: Path) -> None:
    """Write down that the run is alive now."""
    _require_real(folder)
    safe_files.write_new(folder / layout.LIVE_FILE, datetime.now(UTC).isoformat())


def _require_real(folder: Path) -> None:
    """Raise OSError when a link was put in the place of a run's folder, or of the one of all runs."""
    for each in (folder, folder.parent):
        if each.is_symlink():
            raise OSError(
                errno.ELOOP, "it is a symbolic link: put the folder itself in its place", str(each)
            )


def last_beat(folder: Path) -> datetime | None:
    """When an unfinished run was last seen alive."""
    try:
        return datetime.fromisoformat(safe_files.read_text(folder / layout.LIVE_FILE))
    except (OSError, ValueError):
        return None
