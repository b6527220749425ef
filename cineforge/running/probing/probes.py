"""What pure modules made for a plan, kept until a run takes it: `.cineforge/probes/<key>/`.

The key is of all that such a call can depend on: the fingerprint of what it reads and, for a fan-out, the members that
it may match. Whatever cannot be read as it was written counts as not there; the folder may be deleted at any time.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from cineforge.deciding.dry_run.probe import ProbedOutput
from cineforge.deciding.reads import Reads
from cineforge.model.canonical import canonical_json, digest_bytes, digest_json, parsed_json
from cineforge.model.errors import CineForgeError
from cineforge.model.metadata import AttachedFile
from cineforge.model.module_result import Output
from cineforge.model.names import NO_ENTITY
from cineforge.model.records.call_usage import Usage
from cineforge.model.refs import ArtifactKey, make_key
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.workers.module_context.purity import not_pure
from cineforge.running.workers.spec import JobReport, JobSpec, MadeOutput
from cineforge.store import StagedPayload, discard_payload, layout, stage_payload
from cineforge.store.disk.removing import remove_folder
from cineforge.store.disk.safe_files import open_append, read_regular, write_new

PROBES = layout.PROBES
#: Changed when keys or files come to mean something else.
_FORMAT = 1
_REPORT = "report.json"
_LOG = "log"
_KEY = re.compile(r"[0-9a-f]{64}")
#: What a plan that was killed has left, before they worked in folders that are locked.
_DRAFT = re.compile(r"\.[0-9a-f]{64}\.[0-9]+|\.work-[0-9a-f]{16}")
_KEPT_SECONDS = 7 * 24 * 3600.0


class KeptOutput(BaseModel):
    """One artifact. `folder` is beside the report, or None when the head had just that content."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    artifact_type: str
    entity_id: str | None
    content: str
    #: A name and no path: whoever can write a report could else have any folder read.
    folder: str | None = Field(pattern=r"^[0-9]{1,9}$")
    files: tuple[AttachedFile, ...]
    said: Output


class KeptCall(BaseModel):
    """What one call came to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    made: tuple[KeptOutput, ...]
    warnings: tuple[str, ...]
    usage: Usage | None


def may_be_kept(stage: ResolvedStage, reads: Reads) -> bool:
    """Whether what an instance makes may be made for a plan. Nothing is kept of what reads secrets."""
    return stage.module.pure and not reads.stage.secrets


def is_sampled(key: str) -> bool:
    """Whether the run calls the module all the same, to compare: one in sixteen, always the same ones."""
    return key.endswith("0")


def require_same(kept: JobReport, called: JobReport) -> JobReport:
    """The second report. Raises ModuleFailed when it is of other contents: such a module is not pure."""
    if called.failure:
        return called

    def contents(report: JobReport) -> dict[ArtifactKey, str]:
        return {
            ArtifactKey(each.artifact_type, each.entity_id): each.content for each in report.made
        }

    first, second = contents(kept), contents(called)
    others = sorted(str(key) for key in {*first, *second} if first.get(key) != second.get(key))
    for report in (kept, called) if others else (kept,):
        for each in report.made:
            if each.staged is not None:
                discard_payload(each.staged)
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise not_pure(f"called twice with the same it made two kinds of {others[0]}{more}")
    return called


def probe_key(project: Path, reads: Reads, spec: JobSpec) -> str:
    """The name under which the result of a call is kept: 64 hexadecimal digits."""

    def names(folders: Mapping[str, Mapping[str, Path]]) -> dict[str, dict[str, str]]:
        return {
            kind: {own: folder.relative_to(project).as_posix() for own, folder in its.items()}
            for kind, its in folders.items()
        }

    known = {
        output.artifact_type: {entity or NO_ENTITY: text for entity, text in output.known.items()}
        for output in spec.outputs
    }
    used = {kind: sorted(ids) for kind, ids in spec.previous.used.items()}
    previous = [names(spec.previous.folders), names(spec.previous.vanished), used, known]
    lifts = {each.artifact_type: each.upgrades.digest for each in spec.outputs if each.upgrades}
    parts = [_FORMAT, reads.digest, previous, *([lifts] if lifts else [])]
    return digest_json(parts).rpartition(":")[2]


def keep(home: Path, key: str, report: JobReport, work: Path, log: Path) -> None:
    """Keep what a call reported under its key, moving what it staged. It is put together in `work`. Raises OSError."""
    draft = work / key
    remove_folder(draft)
    draft.mkdir(parents=True)
    outputs = []
    for number, made in enumerate(report.made):
        name = None if made.staged is None else str(number)
        if made.staged is not None:
            made.staged.folder.rename(draft / str(number))
        files = () if made.staged is None else made.staged.files
        outputs.append(
            KeptOutput(
                artifact_type=made.artifact_type,
                entity_id=made.entity_id,
                content=made.content,
                folder=name,
                files=files,
                said=made.said,
            )
        )
    call = KeptCall(made=tuple(outputs), warnings=report.warnings, usage=report.usage)
    text = call.model_dump(mode="json")
    write_new(draft / _REPORT, canonical_json({"call": text, "digest": digest_json(text)}))
    with suppress(FileNotFoundError):
        log.rename(draft / _LOG)
    if kept_call(home, key) is None:  # it would stand in the way
        _remove(home / key)
    with suppress(OSError):  # another plan was there first, with the same
        draft.rename(home / key)
    remove_folder(draft)


def kept_call(home: Path, key: str) -> KeptCall | None:
    """What is kept under a key; None when there is nothing, or not as it was written."""
    folder = home / key
    try:
        if folder.is_symlink() or home.is_symlink():
            return None
        record = parsed_json(read_regular(folder / _REPORT))
        if digest_json(record["call"]) != record["digest"]:
            return None
        call = KeptCall.model_validate(record["call"])
        names = [each.folder for each in call.made if each.folder is not None]
        if any((folder / name).is_symlink() for name in names):
            return None
        os.utime(folder)
        return call
    except (OSError, ValueError, KeyError, TypeError, RecursionError, CineForgeError):
        return None


def probed_outputs(home: Path, key: str, call: KeptCall) -> tuple[ProbedOutput, ...]:
    """The same, as a plan sees it."""
    return tuple(
        ProbedOutput(
            make_key(each.artifact_type, each.entity_id),
            each.content,
            None if each.folder is None else home / key / each.folder,
            each.files,
        )
        for each in call.made
    )


def take(project: Path, key: str, spec: JobSpec) -> JobReport | None:
    """A report of a call that needs not be made again, staged where its job would have; None when there is none.

    What lies on disk is taken only if it has the very content that was reported.
    """
    home = project / PROBES
    call = kept_call(home, key)
    if call is None:
        return None
    many = {output.artifact_type for output in spec.outputs if output.many}
    made: list[MadeOutput] = []
    for each in call.made:
        staged = None
        if each.folder is not None:
            staged = _staged(
                home / key / each.folder, each, spec, in_batch=each.artifact_type in many
            )
            if staged is None:
                for other in made:
                    if other.staged is not None:
                        discard_payload(other.staged)
                return None
        made.append(MadeOutput(each.artifact_type, each.entity_id, each.content, staged, each.said))
    with suppress(OSError):
        log = read_regular(home / key / _LOG)
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(open_append(spec.log, 0o600), "ab") as file:
            file.write(b"called for a plan:\n" + log)
    return JobReport(tuple(made), usage=call.usage, warnings=call.warnings)


def _staged(
    folder: Path, kept: KeptOutput, spec: JobSpec, *, in_batch: bool
) -> StagedPayload | None:
    try:
        raw = read_regular(folder / layout.DATA_FILE)
        files: dict[str, Path | bytes] = {
            file.path: folder / layout.FILES_DIR / file.path for file in kept.files
        }
        key = ArtifactKey(kept.artifact_type, kept.entity_id)
        staged = stage_payload(
            spec.project, key, parsed_json(raw), files, spec.owner, in_batch=in_batch
        )
    except (OSError, ValueError):
        return None
    if staged.content == kept.content and staged.data_digest == digest_bytes(raw):
        return staged
    discard_payload(staged)
    return None


def drop(project: Path, key: str) -> None:
    """Forget what is kept under a key: it was published."""
    _remove(project / PROBES / key)


def sweep(home: Path) -> None:
    """Remove what nobody has used for a week, and what killed plans left. What has another name is not ours."""
    if home.is_symlink():
        return
    oldest = time.time() - _KEPT_SECONDS
    with suppress(OSError), os.scandir(home) as entries:
        for each in entries:
            is_ours = _KEY.fullmatch(each.name) or _DRAFT.fullmatch(each.name)
            if is_ours and each.stat(follow_symlinks=False).st_mtime < oldest:
                _remove(Path(each.path))


def _remove(path: Path) -> None:
    """Whatever it is; of a link only the link."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            remove_folder(path)
        else:
            path.unlink(missing_ok=True)
