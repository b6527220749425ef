"""Save a file as the next version of an artifact: your work, checked against the type's schema.

What reads it turns stale. No run replaces it, forced ones included, until it is released.

examples:
  cineforge put scene_report scene_7 corrected.json --why "the dog does not speak"
  cineforge put script script.json
  cineforge put scene_report scene_7 - < corrected.json
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.errors import CineForgeError, InvalidPayload, NotFound

if TYPE_CHECKING:
    from cineforge.model.refs import ArtifactKey, ArtifactRef
    from cineforge.store import ArtifactStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.people import add_word_arguments

    parser.add_argument("type", help="the artifact type")
    parser.add_argument("rest", nargs="+", metavar="[ENTITY] FILE", help="'-' reads from the input")
    parser.add_argument(
        "--from", dest="origin", metavar="REF", help="the version it was made from (default: head)"
    )
    add_word_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.people import who_says_so
    from cineforge.commands.project import open_store, read_ref, schema_of
    from cineforge.model.refs import make_key
    from cineforge.recipes.schemas import registry_for
    from cineforge.running.human_work import save_human_version

    if len(options.rest) > 2:
        raise CineForgeError("write 'cineforge put TYPE [ENTITY] FILE'")
    entity = options.rest[0] if len(options.rest) == 2 else None
    key = make_key(options.type, None if entity == "_" else entity)
    data = read_json(options.rest[-1])
    with open_store(options.directory) as store:
        ref = save_human_version(
            store,
            registry_for(store.project),
            key,
            data,
            who=who_says_so(options),
            why=options.why,
            schema=schema_of(store, options.directory, key.artifact_type),
            edited_from=read_ref(store, options.origin) if options.origin else None,
        )
        report(store, key, ref)
    return 0


def report(store: ArtifactStore, key: ArtifactKey, ref: ArtifactRef | None) -> None:
    """Say what a person's version means for the rest."""
    if ref is None:
        print(f"{store.head(key)} holds just that: nothing was saved")
        return
    print(f"{ref} is saved, and held: no run replaces it until 'cineforge release {key}'")
    stale = store.stale()
    if stale:
        print(f"{len(stale)} artifacts are stale now: cineforge status")


def read_json(name: str) -> object:
    """The JSON in a file, or on standard input for `-`. Raises InvalidPayload with the line."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidPayload(f"{name}:{error.lineno}: not valid JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise InvalidPayload(f"{name}: not UTF-8 text: save it as UTF-8") from None
    except OSError as error:
        raise NotFound(f"{name}: cannot be read ({error.strerror})") from None
