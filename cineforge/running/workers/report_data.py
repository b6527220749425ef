"""What comes back from a worker is data: JSON, checked, in messages of which nothing is made but the pool's own.

A worker runs modules' code. Unpickled here, what that returns could name any function to be called in this process.
"""

from __future__ import annotations

import io
import pickle
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from pebble import ProcessPool
from pebble.common.types import Result, ResultStatus
from pebble.pool.process import Acknowledgement, TaskResult
from pydantic import TypeAdapter, ValidationError

from cineforge.model.errors import ModuleFailed
from cineforge.model.records.call_usage import Usage
from cineforge.running.workers.member_listing import Listing, require_its_own
from cineforge.running.workers.spec import JobReport, JobSpec, MadeOutput
from cineforge.store.disk.safe_files import LIMIT


@dataclass(frozen=True)
class _Sent:
    """A report as it is sent: of a fan-out only how much it made."""

    made: tuple[MadeOutput, ...] = ()
    listed: int | None = None
    failure: str = ""
    usage: Usage | None = None
    warnings: tuple[str, ...] = ()
    budget_spent: bool = False
    seconds: float = 0.0


_REPORT = TypeAdapter(_Sent)
#: All that a message from a worker is made of, besides numbers and bytes.
_KNOWN = {
    (each.__module__, each.__qualname__): each
    for each in (Acknowledgement, TaskResult, Result, ResultStatus)
}


class NoReport(BrokenProcessPool):
    """A worker sent something that its pool did not ask for."""


def report_bytes(report: JobReport) -> bytes:
    """A report as it is sent. For workers."""
    sent = _Sent(
        tuple(report.made),
        report.listed,
        _sendable(report.failure),
        report.usage,
        tuple(map(_sendable, report.warnings)),
        report.budget_spent,
        report.seconds,
    )
    return _REPORT.dump_json(sent, warnings="error")


def _sendable(text: str) -> str:
    """Halves of surrogate pairs, as Python makes them of file names that are no UTF-8, written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def parse_report(raw: object, spec: JobSpec) -> JobReport:
    """The report of a call. Raises ModuleFailed for what is none, or names what is not of this call."""
    try:
        sent = _REPORT.validate_json(raw if isinstance(raw, bytes) else b"")
    except ValidationError as error:
        raise ModuleFailed(f"its report makes no sense: {error.errors()[0]['msg']}") from None
    types = {output.artifact_type for output in spec.outputs}
    for each in sent.made:
        require_its_own(each, spec, types)
    made = sent.made if sent.listed is None else Listing(spec, sent.listed)
    return JobReport(
        made,
        failure=sent.failure,
        usage=sent.usage,
        warnings=sent.warnings,
        budget_spent=sent.budget_spent,
        seconds=sent.seconds,
    )


def receive_data_only(pool: ProcessPool) -> None:
    """Have a pool that has not started take nothing from its workers but reports."""
    manager: Any = pool._pool_manager.worker_manager
    create = manager.create_channels

    def create_channels() -> None:
        create()
        channel: Any = manager.pool_channel
        channel.recv = lambda: _received(channel.reader)

    manager.create_channels = create_channels


def _received(reader: Connection) -> object:
    """The next message. Raises NoReport, EOFError, OSError."""
    raw = reader.recv_bytes(LIMIT)
    try:
        message = _Unpickler(io.BytesIO(raw)).load()
    except Exception as error:
        raise NoReport(str(error)) from error
    match message:
        case Acknowledgement(worker=int(), task=int()):
            return message
        case TaskResult(task=int(), result=Result(status=ResultStatus.SUCCESS, value=bytes())):
            return message
    raise NoReport(f"a message of the type {type(message).__name__}")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        """Nothing that a message names is imported or called."""
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}"[:200]) from None
