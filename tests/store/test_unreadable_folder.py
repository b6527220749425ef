"""One version folder that may not be read is named, and hides no other damage."""

from __future__ import annotations

import os
from pathlib import Path

from cineforge.store import ArtifactStore
from cineforge.store.index.rebuild import find_versions
from cineforge.store.verify import damage_of

from .test_read_only import NOBODY, project

__all__ = ["project"]


def test_a_folder_that_may_not_be_read_hides_no_other_damage(project: Path) -> None:
    with ArtifactStore(project) as store:
        for ref in store.list_versions("script"):
            store.ensure_ticket(ref)
    closed, other = (project / "artifacts/script/_" / name for name in ("v0001", "v0002"))
    (other / "data.json").chmod(0o644)
    (other / "data.json").write_text("{}")
    closed.chmod(0)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            refs = sorted((ref for ref, _ in find_versions(project)), key=str)
            told = "\n".join(f"{ref}: {damage_of(project, ref)}" for ref in refs)
        except BaseException as error:
            told = repr(error)
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        told = answer.read()
    os.waitpid(child, 0)
    closed.chmod(0o755)
    assert len(told.splitlines()) == 3, told
    first, second, third = told.splitlines()
    assert first.startswith("scene/scene_1@1: ")
    assert "v0001" in second and "Permission denied" in second
    assert "does not match its seal" in third
