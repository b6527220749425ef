"""Open $EDITOR on a copy of an artifact's head, and save what you make of it as the next version.

With a version number that version is copied instead. When the artifact gets another version meanwhile, yours is
saved after it, as made from the one you opened.

examples:
  cineforge edit scene_report/scene_7 --why "the dog does not speak"
  EDITOR="code --wait" cineforge edit script
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.errors import CineForgeError
from cineforge.store.disk.safe_files import read_regular

if TYPE_CHECKING:
    from cineforge.model.refs import ArtifactRef


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.shared.people import add_word_arguments

    parser.add_argument("artifact", help="type[/entity][@version]")
    add_word_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.put import read_json
    from cineforge.commands.shared.people import report_saved
    from cineforge.model.refs import parse_ref
    from cineforge.project import Project
    from cineforge.project.human_work import require_ordinary_type

    with Project(options.directory) as project:
        opened = project.ref(options.artifact)
        require_ordinary_type(opened.key)
        is_head = parse_ref(options.artifact)[1] is None
        head = opened if is_head else project.store.head(opened.key)
        data = project.as_of_today(opened)  # what is saved has to fit the schema of today
        folder = Path(tempfile.mkdtemp(prefix="cineforge-edit-"))
        name = str(opened).replace("/", "-").replace("@", "-v")
        copy = folder / f"{name}.json"
        copy.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        before = copy.read_bytes()
        try:
            _open_editor(copy)
            edited = read_json(str(copy))
            project.store.health_changes()
            saved = None
            if edited != data:
                saved = project.put(
                    opened.key, edited, why=options.why, who=options.who, edited_from=opened
                )
        except CineForgeError as error:
            if _is_as_it_was(copy, before):
                shutil.rmtree(folder, ignore_errors=True)
                raise
            raise CineForgeError(
                f"{error}\nYour copy is kept: fix {copy}, then 'cineforge put' it"
            ) from error
        shutil.rmtree(folder, ignore_errors=True)
        report_saved(project.store, opened, saved, as_json=options.json)
        _report_meanwhile(project.store.list_versions(*opened.key), head, saved)
    return 0


def _is_as_it_was(copy: Path, before: bytes) -> bool:
    """Whether nothing was edited, or nothing is left to keep."""
    try:
        return read_regular(copy, follow=True) == before
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _report_meanwhile(
    versions: Sequence[ArtifactRef], head: ArtifactRef | None, saved: ArtifactRef | None
) -> None:
    """Said on standard error, so that `--json` stays what it is. Numbers that a run has taken are no versions yet."""
    if head is None or saved is None:
        return
    unseen = [each for each in versions if head.version < each.version < saved.version]
    if unseen:
        print(
            f"{head.key} got another version while you edited, which yours has not seen:"
            f" cineforge diff {head} {unseen[-1]}",
            file=sys.stderr,
        )


@contextmanager
def _interrupts_left_to_it() -> Iterator[None]:
    """While an editor is open Ctrl-C is a key of its own, although the terminal sends it to this process as well.

    A handler and no SIG_IGN, which the editor would inherit.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _open_editor(path: Path) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        with _interrupts_left_to_it():
            done = subprocess.run([*shlex.split(editor), str(path)], check=False)
    except (OSError, ValueError) as error:
        raise CineForgeError(
            f"the editor '{editor}' cannot be started: set EDITOR ({error})"
        ) from None
    if done.returncode:
        raise CineForgeError(f"the editor ended with status {done.returncode}: nothing was saved")
