"""The work of a worker process: one module call, its result checked and written aside, never published here."""

from __future__ import annotations

import errno
import os
import time
import traceback
from collections import ChainMap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from cineforge.model.errors import BudgetSpent, CineForgeError
from cineforge.model.module_result import Output
from cineforge.model.refs import ArtifactKey
from cineforge.running.workers.check import CheckedOutput, checked_outputs
from cineforge.running.workers.job_log import Warnings, logging_to
from cineforge.running.workers.member_listing import ListingWriter
from cineforge.running.workers.module_context.context import ModuleContext
from cineforge.running.workers.module_context.module_inputs import Inputs, ModuleInput
from cineforge.running.workers.module_context.purity import kept_pure
from cineforge.running.workers.processes.process_state import module_alone, put_back
from cineforge.running.workers.report_data import report_bytes
from cineforge.running.workers.spec import JobReport, JobSpec, MadeOutput
from cineforge.running.workers.unpublished import Unpublished
from cineforge.running.workers.usage import metered
from cineforge.store import discard_payload
from cineforge.store.disk.durable import says_why
from cineforge.store.disk.removing import remove_folder
from cineforge.store.disk.safe_files import open_new
from cineforge.store.versions.staging import content_of_bytes, stage_bytes

LONGEST_MESSAGE = 1500
#: Of several calls in one go none is begun after so many seconds.
LONGEST_GO = 2.0


def call_module(spec: JobSpec) -> bytes:
    """Run one module and report how it ended; nothing is raised."""
    return _reported(spec)[0]


def call_modules(specs: Sequence[JobSpec], reports: Path, go_on: bool) -> bytes:
    """Run several, one after the other; nothing is raised.

    No more are begun after the first that fails, unless it is to `go_on`, nor when it takes too long: so what was made
    is published soon. Each report is a line of the file `reports` before the next call begins: it counts, even if this
    worker dies a moment later. Returned is why one could not be reported.
    """
    end = time.monotonic() + LONGEST_GO
    try:
        reports.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(open_new(reports), "wb", buffering=0) as file:
            for spec in specs:
                report, is_failure = _reported(replace(spec, in_batch=True))
                line = report + b"\n"
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if (is_failure and not go_on) or time.monotonic() > end:
                    break
    except OSError as error:
        return (says_why(specs[0].project, error) or str(error)).encode()
    return b""


def _reported(spec: JobSpec) -> tuple[bytes, bool]:
    """The report of one call as it is sent, and whether it is of a failure."""
    began = time.monotonic()
    try:
        report = _called(spec)
        sent = report_bytes(replace(report, seconds=round(time.monotonic() - began, 6)))
        return sent, bool(report.failure)
    except (Exception, SystemExit) as error:
        return report_bytes(JobReport(failure=_failure_text(spec, error))), True


def _called(spec: JobSpec) -> JobReport:
    spec.log.parent.mkdir(parents=True, exist_ok=True)
    try:
        warnings = Warnings()
        with logging_to(spec.log, spec.label, warnings) as log:
            context = ModuleContext(spec, log)
            log.info("module call starts: attempt %d", spec.attempt)
            with metered(spec.instrument) as meter:
                report = _report(spec, context)
            return replace(report, usage=meter.usage, warnings=warnings.texts())
    finally:
        put_back()
        remove_folder(spec.scratch)


def _report(spec: JobSpec, context: ModuleContext) -> JobReport:
    kept = None
    if spec.unpublished is not None:
        kept = Unpublished(spec.project, spec.unpublished, spec.secrets)
    try:
        return _made(spec, context, kept)
    except BudgetSpent as error:
        context.log.warning("%s", error)
        return JobReport(failure=str(error), budget_spent=True)
    except CineForgeError as error:
        failure = f"{error}{kept.text() if kept else ''}"
        context.log.error("%s", failure)
        return JobReport(failure=failure)
    except BaseException as error:
        # Ctrl-C ends a worker by its signal: what arrives here was raised by the module itself.
        context.log.error("%s", traceback.format_exc())
        where = _raised_at(error, spec.code.folder)
        more = kept.text() if kept else ""
        return JobReport(failure=f"{_failure_text(spec, error)}{where}{more}")


def _made(spec: JobSpec, context: ModuleContext, kept: Unpublished | None) -> JobReport:
    module = module_alone(spec.code)

    def refused(name: str, entity: str | None, output: Output, problems: Sequence[str]) -> None:
        # What is right and free can be had again.
        if kept and (problems or not spec.pure):
            kept.keep(name, entity, output, problems, context.attachments)

    attached = ChainMap(context.attachments, context.members.files)

    def outputs() -> Iterator[CheckedOutput]:
        with kept_pure(spec.pure):
            result = module.run_module(_inputs(spec), dict(spec.params), dict(spec.config), context)
        context.require_in_budget()
        result = context.members.with_emitted(result)
        # Members may be made while they are asked for.
        with kept_pure(spec.pure):
            yield from checked_outputs(
                result, spec.outputs, spec.entity, attached, refused, names_read=spec.names_read
            )
        context.require_in_budget()

    if not any(contract.many for contract in spec.outputs):
        # All are checked before the first is written.
        checked: list[CheckedOutput] = []
        try:
            checked.extend(outputs())
        except BaseException:
            for each in checked:
                refused(each.contract.artifact_type, each.entity, each.output, ())
            raise
        return JobReport(tuple(_staged(spec, context, each) for each in checked))
    let_go = discard_payload if kept is None or spec.pure else kept.keep_staged
    spec.listing.parent.mkdir(parents=True, exist_ok=True)
    with ListingWriter(spec.listing, let_go) as listing:
        for each in outputs():
            listing.add(_staged(spec, context, each))
    return JobReport(listed=listing.count)


def _staged(spec: JobSpec, context: ModuleContext, made: CheckedOutput) -> MadeOutput:
    """Write an output aside, unless it is there already. Only what was said of it goes back."""
    contract, entity, output = made.contract, made.entity, made.output
    content = None if output.files else content_of_bytes(made.raw)
    if content is not None and contract.known.get(entity) == content:
        staged = None
    else:
        places = context.members.files_of(contract, entity) or context.attachments
        files: dict[str, Path | bytes] = {name: places[name] for name in output.files}
        key = ArtifactKey(contract.artifact_type, entity)
        staged = stage_bytes(
            spec.project, key, made.raw, files, spec.owner, in_batch=contract.many or spec.in_batch
        )
        content = staged.content
    said = output.model_copy(update={"data": None})
    return MadeOutput(contract.artifact_type, entity, content, staged, said)


def _inputs(spec: JobSpec) -> Inputs:
    found = Inputs()
    for name, files in spec.inputs.items():
        if name in spec.many_inputs:
            found[name] = {str(file.entity_id): ModuleInput(file) for file in files}
        else:
            found[name] = ModuleInput(files[0]) if files else None
    return found


def _failure_text(spec: JobSpec, error: BaseException) -> str:
    """What is said of an error that is none of ours."""
    return says_why(spec.project, error) or f"{type(error).__name__}: {_in_short(error)}"


def _in_short(error: BaseException) -> str:
    """An error's text, short enough to be read; the log has all of it."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False)
        text = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)
    else:
        text = str(error)
    return (
        text
        if len(text) <= LONGEST_MESSAGE
        else f"{text[:LONGEST_MESSAGE]}... (all of it in the log)"
    )


def _raised_at(error: BaseException, folder: Path) -> str:
    """The innermost line of the module's own code that was on the way."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
    return f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""
