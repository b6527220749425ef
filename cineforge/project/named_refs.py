"""The versions that several names mean: exact ones as they are typed, globs for the heads that match."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from cineforge.model.errors import CineForgeError, NotFound, suggestion
from cineforge.model.health import RESERVED_TYPES
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.project.opening import read_ref
from cineforge.store import ArtifactStore


def is_glob(name: str) -> bool:
    return any(each in name for each in "*?[")


def named_refs(
    store: ArtifactStore, names: Iterable[str | ArtifactRef | ArtifactKey]
) -> list[ArtifactRef]:
    """Each version once. Raises NotFound, or CineForgeError, that tells all names that mean nothing."""
    found: dict[ArtifactRef, None] = {}
    wrong: dict[CineForgeError, None] = {}
    heads: list[ArtifactRef] | None = None
    for name in map(str, names):
        try:
            if is_glob(name):
                heads = _heads(store) if heads is None else heads
                found.update(dict.fromkeys(_matching(name, heads)))
            else:
                found[read_ref(store, name)] = None
        except CineForgeError as error:
            wrong[error] = None
    if len(wrong) == 1:
        raise next(iter(wrong))
    if wrong:
        raise NotFound("\n".join(map(str, wrong)))
    return list(found)


def _heads(store: ArtifactStore) -> list[ArtifactRef]:
    """Those that people may judge."""
    return [
        row.ref
        for row in store.heads().values()
        if not row.vanished and row.ref.artifact_type not in RESERVED_TYPES
    ]


def _matching(glob: str, heads: Iterable[ArtifactRef]) -> list[ArtifactRef]:
    if "@" in glob:
        raise NotFound(f"'{glob}': a glob means heads: leave out the version, or name one artifact")
    type_glob, slash, entity_glob = glob.partition("/")
    of_type = [each for each in heads if fnmatchcase(each.artifact_type, type_glob)]
    matching = [
        each
        for each in of_type
        if (
            fnmatchcase(each.entity_id, entity_glob)
            if slash and each.entity_id is not None
            else not slash and each.entity_id is None
        )
    ]
    if not matching:
        near = [str(each.key) for each in of_type] or [each.artifact_type for each in heads]
        raise NotFound(f"nothing matches '{glob}': {suggestion(glob, sorted(set(near)))}")
    return matching
