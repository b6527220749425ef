"""The files of a run's record, as written and as read: `pipeline_events.jsonl` and `run_state.json`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from cineforge.model.errors import StoreDamaged
from cineforge.model.records.run_events import Event, PipelineEvent
from cineforge.model.records.run_state import RunState
from cineforge.store.disk import safe_files

EVENTS_FILE = "pipeline_events.jsonl"
STATE_FILE = "run_state.json"
PLAN_FILE = "plan.json"
_NEW = ".new"
#: Lies in a run's folder while its record is open, so that unfinished ones are found without reading any.
LIVE_FILE = "live"


def runs_folder(project: Path) -> Path:
    return project / "runs"


def run_ids(project: Path) -> list[str]:
    """All runs that left a record, in the order of their ids."""
    folder = runs_folder(project)
    if not folder.is_dir():
        return []
    return sorted(each.name for each in folder.iterdir() if (each / EVENTS_FILE).is_file())


def read_events(folder: Path) -> Iterator[Event]:
    """The events of a run in order. A last line cut short by a crash of the machine is passed over."""
    with open_regular(folder / EVENTS_FILE) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                yield PipelineEvent.model_validate_json(line).event
            except ValidationError as error:
                raise StoreDamaged(
                    f"{folder / EVENTS_FILE}:{number}: not an event of this program: {error.errors()[0]['msg']}"
                ) from error


def read_state(folder: Path) -> RunState:
    """The state as last written. Raises StoreDamaged when it cannot be read."""
    path = folder / STATE_FILE
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
    folds = (STATE_FILE, PLAN_FILE)
    for name in (EVENTS_FILE, *folds, *(f"{each}{_NEW}" for each in folds), LIVE_FILE):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def write_private(path: Path, text: str) -> None:
    """Replace a file that may hold keys, in one step: nobody else may read it, whatever the umask."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def write_fold(folder: Path, name: str, text: str, *, durable: bool) -> None:
    """Replace `run_state.json` or `plan.json` in one step."""
    draft = folder / f"{name}{_NEW}"
    safe_files.write_new(draft, text, sync=durable)
    draft.replace(folder / name)


def beat(folder: Path) -> None:
    """Write down that the run is alive now."""
    safe_files.overwrite(folder / LIVE_FILE, datetime.now(UTC).isoformat())


def last_beat(folder: Path) -> datetime | None:
    """When an unfinished run was last seen alive."""
    try:
        return datetime.fromisoformat(safe_files.read_text(folder / LIVE_FILE))
    except (OSError, ValueError):
        return None
