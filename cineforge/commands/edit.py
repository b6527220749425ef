"""Open $EDITOR on a copy of an artifact's head, and save what you make of it as the next version.

examples:
  cineforge edit scene_report/scene_7 --why "the dog does not speak"
  EDITOR="code --wait" cineforge edit script
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from cineforge.model.errors import CineForgeError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.people import add_word_arguments

    parser.add_argument("artifact", help="type[/entity]")
    add_word_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.people import who_says_so
    from cineforge.commands.project import open_store, read_ref, schema_of
    from cineforge.commands.put import read_json, report
    from cineforge.recipes.schemas import registry_for
    from cineforge.running.human_work import save_human_version

    with open_store(options.directory) as store:
        head = read_ref(store, options.artifact)
        data = store.load_data(head)
        name = str(head).replace("/", "-").replace("@", "-v")
        copy = Path(tempfile.mkdtemp(prefix="cineforge-edit-")) / f"{name}.json"
        copy.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _open_editor(copy)
        try:
            ref = save_human_version(
                store,
                registry_for(store.project),
                head.key,
                read_json(str(copy)),
                who=who_says_so(options),
                why=options.why,
                schema=schema_of(store, options.directory, head.artifact_type),
            )
        except CineForgeError as error:
            raise CineForgeError(
                f"{error}\nYour copy is kept: mend {copy}, then 'cineforge put' it"
            ) from error
        copy.unlink()
        copy.parent.rmdir()
        report(store, head.key, ref)
    return 0


def _open_editor(path: Path) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        done = subprocess.run([*shlex.split(editor), str(path)], check=False)
    except OSError as error:
        raise CineForgeError(
            f"the editor '{editor}' cannot be started: set EDITOR ({error})"
        ) from None
    if done.returncode:
        raise CineForgeError(f"the editor ended with status {done.returncode}: nothing was saved")
