"""Save a file as the next version of an artifact: your work, checked against the type's schema.

What reads it turns stale. No run replaces it, forced ones included, until it is released. Attached files of the
version it was made from stay with it.

examples:
  cineforge put scene_report/scene_7 corrected.json --why "the dog does not speak"
  cineforge put script script.json
  cineforge put scene_report/scene_7 - < corrected.json
  cineforge put frame/scene_7.shot_1 frame.json --attach image.png=repainted.png
  cineforge put frame/scene_7.shot_1 runs/monday/unpublished/frame/scene_7.shot_1    payload and attached files
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections import Counter
from pathlib import Path

from cineforge.model.errors import CineForgeError, InvalidPayload, NotFound
from cineforge.recipes.reading.json_objects import unique_keys
from cineforge.store.disk.safe_files import LIMIT, read_regular
from cineforge.store.layout import DATA_FILE, FILES_DIR


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.shared.people import add_word_arguments

    parser.add_argument(
        "type", metavar="ARTIFACT", help="type/entity, or type and entity as two words"
    )
    parser.add_argument(
        "rest",
        nargs="+",
        metavar="FILE",
        help="'-' reads from the input; a folder: what a run could not publish",
    )
    parser.add_argument(
        "--from", dest="origin", metavar="REF", help="the version it was made from (default: head)"
    )
    parser.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="[NAME=]FILE",
        help="attach a file, or put it in the place of one; may be given again",
    )
    parser.add_argument(
        "--detach", action="append", default=[], metavar="NAME", help="leave off an attached file"
    )
    parser.add_argument(
        "--new", action="store_true", help="begin an artifact where there are others of its type"
    )
    add_word_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.people import report_saved
    from cineforge.model.refs import make_key
    from cineforge.project import Project
    from cineforge.project.human_work import require_ordinary_type

    named, slash, entity = options.type.partition("/")
    words = [named, *([entity] if slash else []), *options.rest[:-1]]
    if len(words) > 2:
        raise CineForgeError("write 'cineforge put TYPE/ENTITY FILE', or 'cineforge put TYPE FILE'")
    if "@" in words[-1]:
        raise CineForgeError(
            f"'{'/'.join(words)}' names a version: put takes the next free number, leave out '@...'"
        )
    key = make_key(named, words[1] if len(words) == 2 and words[1] not in ("", "_") else None)
    require_ordinary_type(key)
    with Project(options.directory) as project:
        given = Path(options.rest[-1])
        kept: dict[str, Path | bytes] = {}
        if given.is_dir():
            kept = _files_in(given / FILES_DIR)
            given /= DATA_FILE
        data = read_json(str(given))
        project.store.health_changes()
        try:
            saved = project.put(
                key,
                data,
                why=options.why,
                who=options.who,
                edited_from=options.origin,
                attach={**kept, **_attached(options.attach)},
                detach=options.detach,
                new=options.new,
            )
        except NotFound as error:
            raise NotFound(str(error).replace("say that it is new", "add --new")) from error
        report_saved(project.store, project.store.head(key), saved, as_json=options.json)
    return 0


def _files_in(folder: Path) -> dict[str, Path | bytes]:
    try:
        return {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    except RecursionError:
        raise InvalidPayload(f"{folder}: nested too deeply: use fewer levels") from None


def _attached(words: list[str]) -> dict[str, Path | bytes]:
    """The files to attach, by name: what stands before the first `=`, or else the file's own name."""
    pairs = [
        word.partition("=") if "=" in word and not Path(word).is_file() else ("", "", word)
        for word in words
    ]
    named = [(name or Path(file).name, Path(file)) for name, _, file in pairs]
    twice = [name for name, count in Counter(name for name, _ in named).items() if count > 1]
    if twice:
        raise CineForgeError(f"--attach gives two files for {twice[0]!r}: write NAME=FILE")
    return dict(named)


def read_json(name: str) -> object:
    """The JSON in a file, or on standard input for `-`. Raises InvalidPayload with the line."""
    try:
        raw = _input() if name == "-" else read_regular(Path(name), follow=True)
        text = raw.decode("utf-8-sig")
        if not text.strip():
            raise InvalidPayload(f"{name}: nothing is in it: give the payload as JSON")
        return json.loads(text, object_pairs_hook=unique_keys)
    except json.JSONDecodeError as error:
        raise InvalidPayload(f"{name}:{error.lineno}: not valid JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise InvalidPayload(f"{name}: not UTF-8 text: save it as UTF-8") from None
    except RecursionError:
        raise InvalidPayload(f"{name}: nested too deeply: use fewer levels") from None
    except ValueError as error:
        # Of a number with thousands of digits Python goes on to name a function that would allow it.
        raise InvalidPayload(f"{name}: {str(error).partition(';')[0]}") from None
    except OSError as error:
        raise NotFound(f"{name}: cannot be read ({error.strerror})") from None


def _input() -> bytes:
    if sys.stdin is None:  # closed before the command began
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    raw = sys.stdin.buffer.read(LIMIT + 1)
    if len(raw) > LIMIT:
        raise OSError(errno.EFBIG, f"more than {LIMIT:,} bytes: attach what is large as a file")
    return raw
