"""Takes secrets out of files that were written with them: logs of modules, and the job files of other processes."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from cineforge.model.secrets import HIDDEN
from cineforge.store.disk import safe_files

#: Shorter ones would be found in every word.
_SHORTEST = 4


def scrub(path: Path, secrets: Collection[str]) -> None:
    """Write `***` over every secret in a file of ours. What cannot be read or written stays: only its owner reads it.

    It stays the same file, as something that a module started may still be writing to it.
    """
    forms = {form for each in secrets if len(each) >= _SHORTEST for form in _forms(each)}
    if not forms:
        return
    with suppress(OSError):
        found = clean = safe_files.read_regular(path)
        for form in sorted(forms, key=len, reverse=True):
            clean = clean.replace(form, HIDDEN.encode())
        if clean != found:
            _write_over(path, clean)


def _forms(secret: str) -> set[bytes]:
    """A text as it is, as JSON has it, and as Python shows it."""
    as_json = {json.dumps(secret, ensure_ascii=ascii)[1:-1] for ascii in (False, True)}
    return {
        each.encode("utf-8", "surrogateescape") for each in {secret, repr(secret)[1:-1], *as_json}
    }


def _write_over(path: Path, content: bytes) -> None:
    descriptor = safe_files.open_regular(path, os.O_WRONLY | os.O_TRUNC)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
