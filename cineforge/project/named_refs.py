"""The versions that several names mean: exact ones as they are typed, globs for the heads that match."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from cineforge.model.errors import CineForgeError, NotFound, suggestion
from cineforge.model.health import RESERVED_TYPES
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.project.opening import read_ref, require_ordinary
from cineforge.store import ArtifactStore

#: A version: as it is typed (`scene/scene_7@2`; without a number the head), or as the store knows it.
Named = str | ArtifactRef | ArtifactKey


def is_glob(name: str) -> bool:
    return any(each in name for each in "*?[")


def named_refs(
    store: ArtifactStore,
    names: Iterable[Named],
    *,
    heads_only: bool = False,
    examined: Iterable[Named] = (),
) -> tuple[list[ArtifactRef], list[ArtifactRef]]:
    """The versions that people may speak of by these names, and those that they have `examined`, each once.

    Raises NotFound, or CineForgeError, that tells all names that mean nothing or cannot be meant.
    """
    reading = _Reading(store)

    def ordinary(ref: ArtifactRef) -> None:
        require_ordinary(ref)
        if heads_only:
            _require_head(store, ref)

    meant = reading.read(names, ordinary)
    seen = reading.read(examined)
    reading.raise_wrong()
    return meant, seen


class _Reading:
    """Names read one after the other; what is wrong is collected."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._wrong: list[CineForgeError] = []
        self._heads: list[ArtifactRef] | None = None

    def read(
        self,
        names: Iterable[Named],
        check: Callable[[ArtifactRef], None] = lambda _: None,
    ) -> list[ArtifactRef]:
        found: dict[ArtifactRef, None] = {}
        for name in map(str, names):
            try:
                for ref in self._meant(name):
                    check(ref)
                    found[ref] = None
            except CineForgeError as error:
                self._wrong.append(error)
        return list(found)

    def raise_wrong(self) -> None:
        said = {str(error): error for error in self._wrong}
        if len(said) == 1:
            raise self._wrong[0]
        if said:
            raise NotFound("\n".join(said))

    def _meant(self, name: str) -> list[ArtifactRef]:
        if not is_glob(name):
            return [read_ref(self._store, name)]
        if self._heads is None:
            self._heads = _heads(self._store)
        return _matching(name, self._heads)


def _require_head(store: ArtifactStore, ref: ArtifactRef) -> None:
    newest = store.head(ref.key)
    if newest != ref:
        raise CineForgeError(
            f"{ref} is not the head of {ref.key}, {newest} is: only a head can be held or released"
        )


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
