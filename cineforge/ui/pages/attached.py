"""Attached files. Whatever is in one, it is no page of ours: it runs no script, and reaches nothing here."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from cineforge.model.errors import NotFound, StoreDamaged, suggestion
from cineforge.model.metadata import ArtifactMetadata, AttachedFile
from cineforge.model.names import NO_ENTITY
from cineforge.model.refs import ArtifactRef, make_key
from cineforge.project import Project
from cineforge.store import layout
from cineforge.store.disk import safe_files
from cineforge.ui.web import Asked

#: An origin of its own, no script, no form, nothing loaded but what it brings along.
FILE_POLICY = (
    "sandbox; default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
}
SOUND = {".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg", ".flac": "audio/flac"}
FILMS = {".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime"}
PAGES = {".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8"}
TEXTS = frozenset(
    {".txt", ".csv", ".json", ".yaml", ".yml", ".md", ".fountain", ".log", ".ics", ".srt", ".vtt"}
)
_CHUNK = 1 << 18
#: Pictures made small are kept in memory: so many, for as long as the server runs.
_KEPT, _SIDE, _MOST_PIXELS = 400, 320, 80_000_000


def kind_of(name: str) -> str:
    """How an attached file is shown: page, picture, sound, film, text, or file."""
    suffix = PurePosixPath(name).suffix.lower()
    kinds = {"page": PAGES, "picture": PICTURES, "sound": SOUND, "film": FILMS, "text": TEXTS}
    return next((kind for kind, suffixes in kinds.items() if suffix in suffixes), "file")


def file(asked: Asked) -> Response:
    """An attached file as it is: to look at, where a browser can, or else to keep."""
    with asked.site.open() as project:
        _, attached, path = _find(asked, project)
        opened = _opened(path, attached)
    suffix = PurePosixPath(attached.path).suffix.lower()
    media = {**PICTURES, **SOUND, **FILMS, **PAGES}.get(suffix, "")
    if suffix in TEXTS:
        media = "text/plain; charset=utf-8"
    shown = bool(media) and not asked.query("keep")
    name = quote(PurePosixPath(attached.path).name)
    return StreamingResponse(
        _pieces(opened),
        headers={
            "content-type": media or "application/octet-stream",
            "content-length": str(attached.size),
            "content-disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
            "content-security-policy": FILE_POLICY,
            # A version never changes.
            "cache-control": "private, max-age=86400",
        },
    )


def thumbnail(asked: Asked) -> Response:
    """A picture made small."""
    with asked.site.open() as project:
        _, attached, path = _find(asked, project)
        small = _THUMBNAILS.get(attached.digest)
        if small is None:
            with _opened(path, attached) as opened:
                small = _made_small(opened, attached.path)
            _THUMBNAILS.put(attached.digest, small)
    headers = {"cache-control": "private, max-age=86400", "content-security-policy": FILE_POLICY}
    return Response(small, media_type="image/webp", headers=headers)


def _find(asked: Asked, project: Project) -> tuple[ArtifactRef, AttachedFile, Path]:
    """The file that an address names: one of those that the version's sealed record lists. Raises NotFound."""
    entity = asked.path("entity")
    key = make_key(asked.path("type"), None if entity == NO_ENTITY else entity)
    ref = project.ref(f"{key}@{asked.path('version')}")
    record = project.store.metadata(ref)
    attached = _listed(record, asked.path("name"), ref)
    path = layout.version_dir(project.folder, ref) / layout.FILES_DIR / attached.path
    layout.require_inside(project.folder, path.parent)
    return ref, attached, path


def _listed(record: ArtifactMetadata, name: str, ref: ArtifactRef) -> AttachedFile:
    found = next((each for each in record.files if each.path == name), None)
    if found is None:
        hint = suggestion(name, [each.path for each in record.files])
        raise NotFound(f"{ref} has no file '{name}': {hint}")
    return found


def _opened(path: Path, attached: AttachedFile) -> IO[bytes]:
    """The file, of the size that was sealed. Raises StoreDamaged."""
    try:
        opened = safe_files.stream(path)
    except OSError as error:
        raise StoreDamaged(f"{path} cannot be read: {error.strerror or error}") from error
    if opened.seek(0, io.SEEK_END) != attached.size:
        opened.close()
        raise StoreDamaged(f"{path} is not as it was sealed: 'cineforge verify' tells more")
    opened.seek(0)
    return opened


def _pieces(opened: IO[bytes]) -> Iterator[bytes]:
    with opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


def _made_small(opened: IO[bytes], name: str) -> bytes:
    from PIL import Image

    try:
        with Image.open(opened, formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise NotFound(f"'{name}' is too large to be made small: open the file itself")
            picture.draft("RGB", (_SIDE * 2, _SIDE * 2))
            picture.thumbnail((_SIDE, _SIDE))
            out = io.BytesIO()
            picture.convert(
                "RGBA" if "A" in picture.getbands() or picture.mode == "P" else "RGB"
            ).save(out, "WEBP", quality=80)
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotFound(f"'{name}' is no picture that can be made small") from error


class _Thumbnails:
    def __init__(self) -> None:
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str) -> bytes | None:
        with self._lock:
            return self._known.get(digest)

    def put(self, digest: str, small: bytes) -> None:
        with self._lock:
            self._known[digest] = small
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


_THUMBNAILS = _Thumbnails()
