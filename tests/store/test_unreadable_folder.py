"""One version folder that may not be read is named, and hides no other damage."""

from __future__ import annotations

from pathlib import Path

from cineforge.store import ArtifactStore
from cineforge.store.index.rebuild import find_versions
from cineforge.store.versions.verification import damage_of

from .nobody import as_nobody
from .test_read_only import project

__all__ = ["project"]


def test_a_folder_that_may_not_be_read_hides_no_other_damage(project: Path) -> None:
    with ArtifactStore(project) as store:
        for ref in store.list_versions("script"):
            store.ensure_ticket(ref)
    closed, other = (project / "artifacts/script/_" / name for name in ("v0001", "v0002"))
    (other / "data.json").chmod(0o644)
    (other / "data.json").write_text("{}")
    closed.chmod(0)

    def damages() -> list[str]:
        refs = sorted((ref for ref, _ in find_versions(project)), key=str)
        return [f"{ref}: {damage_of(project, ref)}" for ref in refs]

    told = as_nobody(damages)
    closed.chmod(0o755)
    assert isinstance(told, list) and len(told) == 3, told
    first, second, third = told
    assert first.startswith("scene/scene_1@1: ")
    assert second.endswith("meta.json cannot be read (Permission denied): look at its permissions")
    assert "does not match its seal" in third
