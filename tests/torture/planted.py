"""Links that lead out of the project, pipes, devices and huge holes in the place of everything that a project has."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path

from tests.torture.children import cineforge
from tests.torture.damage import film
from tests.torture.trials import Bench, Trials

#: Far more than any command takes here, on the busiest machine: who is not back by then waits for ever.
_PATIENCE_SECONDS = 300


def planted(bench: Bench, count: int) -> Trials:
    """After each command nothing outside is another byte or mode; every command comes back, without a traceback."""
    trials = Trials("what somebody planted")
    made = film(bench.folder, "planted", crashed=True)
    places = sorted(path.relative_to(made) for path in made.rglob("*"))
    bench.luck.shuffle(places)
    for n in range(count):
        copy, outside = bench.folder / "copy", bench.folder / "outside"
        for folder in (copy, outside):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, copy, symlinks=True)
        place, plant = places[n % len(places)], _PLANTS[n % len(_PLANTS)]
        what = plant(copy / place, outside)
        trials.record(f"{what} as {place}", _losses(copy, outside))
    trials.note = f"{len(places)} files and folders, {len(_PLANTS)} things in their place"
    return trials


def _losses(project: Path, outside: Path) -> list[str]:
    before = _tree(outside)
    payload = project.parent / "payload.json"
    payload.write_text('{"mine": 1}', encoding="utf-8")
    losses = []
    for words in (
        ["status"],
        ["why", "report/scene_1"],
        ["put", "note", str(payload), "--new", "--why", "mine"],
        ["hold", "scene/scene_1", "--why", "approved"],
        ["verify"],
        ["reindex"],
        ["runs"],
    ):
        # The alarm ends us with the trial's name unsaid, which is better than a night without a word.
        signal.alarm(_PATIENCE_SECONDS)
        ended = cineforge(*words, "--directory", str(project))
        signal.alarm(0)
        losses += ended.losses(0, 1, 2)
        if _tree(outside) != before:
            losses.append(f"cineforge {words[0]} changed what is outside")
            before = _tree(outside)
    return losses


def _tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path): (
            stat.S_IMODE(path.lstat().st_mode),
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() and not path.is_symlink() else b"",
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    }


def _link(path: Path, outside: Path) -> str:
    """A link to a copy of what was there, as somebody else's: it could be written to."""
    outside.mkdir()
    shutil.move(path, outside / "it")
    for each in [outside / "it", *(outside / "it").rglob("*")]:
        if not each.is_symlink():
            each.chmod(0o775 if each.is_dir() else 0o664)
    path.symlink_to(outside / "it")
    return "a link out"


def _link_to_another_kind(path: Path, outside: Path) -> str:
    """A link to a file where a folder was, and the other way round."""
    outside.mkdir()
    was_folder = path.is_dir() and not path.is_symlink()
    _remove(path)
    other = outside / "other"
    if was_folder:
        other.write_text("a person's own", encoding="utf-8")
    else:
        other.mkdir()
        (other / "data.json").write_text("{}", encoding="utf-8")
    path.symlink_to(other)
    return "a link to another kind of thing"


def _link_to_nothing(path: Path, outside: Path) -> str:
    outside.mkdir()
    _remove(path)
    path.symlink_to(outside / "not-there")
    return "a link to nothing"


def _pipe(path: Path, outside: Path) -> str:
    outside.mkdir()
    _remove(path)
    os.mkfifo(path)
    return "a pipe"


def _device(path: Path, outside: Path) -> str:
    """What never ends, as far as we may make devices; else a link to it."""
    outside.mkdir()
    _remove(path)
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        path.symlink_to("/dev/zero")
    return "a device without end"


def _hole(path: Path, outside: Path) -> str:
    outside.mkdir()
    _remove(path)
    with path.open("wb") as file:
        file.truncate(1 << 42)
    return "a hole of four terabytes"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


_PLANTS: tuple[Callable[[Path, Path], str], ...] = (
    _link,
    _pipe,
    _link_to_another_kind,
    _device,
    _link_to_nothing,
    _hole,
    _link,
)
