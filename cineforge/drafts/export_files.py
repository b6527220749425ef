"""Files out of a project: what is attached to its newest versions, pages as PDF, the animatic as OpenTimelineIO."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.errors import CineForgeError, NotFound, StoreDamaged, suggestion
from cineforge.store import layout
from cineforge.store.disk.replacing import replacing

if TYPE_CHECKING:
    from cineforge.project import Project

_RATE = 24


def export_files(project: Project, types: Collection[str], folder: Path) -> list[Path]:
    """Copy the attached files of the heads of the whole project, sorted by name; returns where they are.

    Raises NotFound for a type that has no files, and when nothing has any.
    """
    heads = [
        project.show(row.ref)
        for key, row in sorted(project.store.heads().items(), key=lambda item: str(item[0]))
        if key.entity_id is None and not row.vanished
    ]
    with_files = {head.ref.artifact_type: head for head in heads if head.metadata.files}
    for name in types:
        if name not in with_files:
            hint = suggestion(name, list(with_files))
            raise NotFound(f"'{name}' has no files for the whole project: {hint}")
    if not with_files:
        raise NotFound("nothing here has files yet: run the screenplay recipe first")
    written: dict[Path, Path] = {}
    for name in types or with_files:
        head = with_files[name]
        for attached in head.metadata.files:
            target = folder / attached.path
            if target in written:
                target = folder / f"{name}_{Path(attached.path).name}"
            source = head.folder / layout.FILES_DIR / attached.path
            if (
                source.is_symlink()
                or not source.is_file()
                or source.stat().st_size != attached.size
            ):
                raise StoreDamaged(
                    f"{source} is not what was published: 'cineforge verify' names all that was changed"
                )
            _copy(source, target)
            written[target] = source
    return sorted(written)


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all; a link in the place of the file is replaced, not followed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target, target.with_name(f".{target.name}.part")) as part:
        part.unlink(missing_ok=True)
        shutil.copyfile(source, part)


def write_pdf(page: Path, paper: str) -> Path:
    """A page as PDF beside it. Raises CineForgeError when WeasyPrint is not there."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        raise CineForgeError(
            f"PDFs need WeasyPrint ({error}): pip install 'cineforge[pdf]', or print {page} with a browser"
        ) from error
    sizes = CSS(string=f"@page {{ size: {paper} }} @page wide {{ size: {paper} landscape }}")
    target = page.with_suffix(".pdf")
    # The pages need nothing from anywhere; what a script says is never fetched.
    nothing = URLFetcher(allowed_protocols=())
    HTML(string=page.read_text(encoding="utf-8"), url_fetcher=nothing).write_pdf(
        target, stylesheets=[sizes]
    )
    return target


def write_otio(project: Project, folder: Path) -> Path:
    """The animatic as `animatic.otio`: a clip for each shot, a marker where a scene begins; read back before it counts.

    Raises NotFound without an animatic, CineForgeError when OpenTimelineIO is not there.
    """
    cuts = project.as_of_today("animatic")["cuts"]
    try:
        import opentimelineio as otio
    except ImportError as error:
        raise CineForgeError("this needs OpenTimelineIO: pip install 'cineforge[otio]'") from error
    time, span = otio.opentime.RationalTime, otio.opentime.TimeRange
    timeline = otio.schema.Timeline(name="animatic")
    track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    scene = None
    for cut in cuts:
        length = time(round(cut["seconds"] * _RATE), _RATE)
        clip = otio.schema.Clip(
            name=cut["shot"],
            media_reference=otio.schema.MissingReference(
                name=cut["shot"], available_range=span(time(0, _RATE), length)
            ),
            source_range=span(time(0, _RATE), length),
            metadata={"cineforge": dict(cut)},
        )
        if cut["scene"] != scene:
            scene = cut["scene"]
            name = str(cut["number"] or scene)
            clip.markers.append(
                otio.schema.Marker(name=name, marked_range=span(time(0, _RATE), time(1, _RATE)))
            )
        track.append(clip)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "animatic.otio"
    with replacing(target, folder / ".animatic.part.otio") as part:
        otio.adapters.write_to_file(timeline, str(part))
        again = otio.adapters.read_from_file(str(part))
        if [clip.name for clip in again.find_clips()] != [cut["shot"] for cut in cuts]:
            raise CineForgeError(f"{target} would not read back as it was written")
    return target
