"""What must hold of a project after anything that was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cineforge.model.canonical import digest_json
from cineforge.model.errors import CineForgeError
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactRef, parse_ref
from cineforge.store import ArtifactStore
from cineforge.store.index.rebuild import find_versions
from tests.store.index_dump import live_dump, rebuilt_dump

SAID = Provenance(source=Source.AI)
#: By version (`scene/scene_1@2`): the digest of the payload that was acknowledged.
Acknowledged = dict[str, str]


def ref_of(text: str) -> ArtifactRef:
    key, version = parse_ref(text)
    assert version is not None
    return ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=version)


def new_project(folder: Path, name: str = "film") -> Path:
    """An empty project."""
    project = folder / name
    (project / "artifacts").mkdir(parents=True)
    return project


class Truth:
    """What is known of one project. Versions found in order are not read again until `everything`."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.acknowledged: Acknowledged = {}
        self._in_order: set[str] = set()

    def acknowledge(self, ref: object, data: Any) -> None:
        self.acknowledged[str(ref)] = digest_json(data)

    def losses(self) -> list[str]:
        """Open the project as the next command would, and compare it with what was acknowledged."""
        try:
            with ArtifactStore(self.project) as store:
                return self._losses(store)
        except Exception as error:
            return [f"the next command fails: {type(error).__name__}: {error}"]

    def everything(self) -> list[str]:
        """The same, with every byte of every version read."""
        self._in_order.clear()
        return self.losses()

    def _losses(self, store: ArtifactStore) -> list[str]:
        listed = {str(r) for key in store.list_artifacts() for r in store.list_versions(*key)}
        on_disk = {str(ref) for ref, _ in find_versions(self.project)}
        lost = [
            f"{ref} was acknowledged and is not there" for ref in self.acknowledged.keys() - on_disk
        ]
        lost += [f"{ref} is on disk and not in the index" for ref in on_disk - listed]
        lost += [f"{ref} is in the index and not on disk" for ref in listed - on_disk]
        for ref in sorted(on_disk & listed - self._in_order):
            lost += self._torn(store, ref)
        lost += [f"{path} was left behind" for path in leftovers(self.project)]
        if live_dump(self.project) != rebuilt_dump(self.project):
            lost.append("the index differs from one rebuilt")
        if not lost:
            check = store.save_artifact("check", None, {"versions": len(listed)}, SAID)
            self.acknowledge(check, {"versions": len(listed)})
            if str(check) in listed:
                lost.append(f"{check} was given out twice")
        return lost

    def _torn(self, store: ArtifactStore, name: str) -> list[str]:
        ref = ref_of(name)
        try:
            store.verify(ref)
            data = store.load_artifact(ref).data
        except CineForgeError as error:
            return [f"{name} is not in order: {error}"]
        if self.acknowledged.get(name, digest_json(data)) != digest_json(data):
            return [f"{name} holds another payload than was acknowledged"]
        self._in_order.add(name)
        return []


def leftovers(project: Path) -> list[Path]:
    """Staging folders and half-made links."""
    root = project / "artifacts"
    # Not of `artifacts/.live`, where a lock stays for whoever comes next.
    of_artifacts = [*root.glob("[!.]*/*/.*"), *root.glob("[!.]*/.*")]
    return [*of_artifacts, *(project / "current").glob("*/.*")]


def versions(project: Path) -> Mapping[str, bytes]:
    """Every file of every published version, byte for byte, by its path in the project."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted((project / "artifacts").glob("*/*/v*/**/*"))
        if path.is_file() and not path.is_symlink()
    }
