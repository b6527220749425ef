"""Finding what others did to the folders, and registering it: the index does not hear of it by itself.

`git pull`, rsync, a copy, an index put back from a backup: the folders are the truth, and the index follows. What came
is registered; where something is gone, or another in its place, the index is made anew, and remembers what it knew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cineforge.model.canonical import parsed_json
from cineforge.model.errors import InvalidName, ProjectBusy, StoreDamaged
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout
from cineforge.store.disk.durable import CannotWrite
from cineforge.store.disk.safe_files import read_regular
from cineforge.store.index.database import Index
from cineforge.store.index.marks import Marks, read_marks
from cineforge.store.index.queries.lookup import find_version
from cineforge.store.index.rebuild import rebuild, register_found
from cineforge.store.index.tables import folder_times, numbers, origin
from cineforge.store.index.tables.folder_times import Known, TypeFolder
from cineforge.store.locking.owners import owner_files, staged_for
from cineforge.store.versions import links
from cineforge.store.versions.current_links import LinkNotMade, point_current
from cineforge.store.versions.seal import read_sealed

#: Remembered instead of a stamp, so that all is looked at: no folder ever has this one.
_NEVER = "never"
_SHOWN = 3
#: One flipped bit makes another letter of a text, or two where it makes what is no text of one.
_FLIPPED = 2


@dataclass(frozen=True)
class ExternalChanges:
    """What others than this program's saves did to the versions: which came, are gone, or are others now."""

    added: tuple[ArtifactRef, ...] = ()
    removed: tuple[ArtifactRef, ...] = ()
    replaced: tuple[ArtifactRef, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.replaced)


def changes_text(changes: ExternalChanges) -> str:
    """What was registered, in one line."""
    parts = []
    if changes.added:
        parts.append(f"{_versions(changes.added)} came from outside (git pull, a copy): known now")
    if changes.removed:
        parts.append(
            f"{_versions(changes.removed)} went (an older commit, or deleted): what is there counts,"
            " and 'cineforge verify' names what was built on it"
        )
    if changes.replaced:
        parts.append(
            f"{_versions(changes.replaced)} became another under the same number"
            " (another branch, another copy): what is there counts, see 'cineforge verify'"
        )
    return "; ".join(parts)


def _versions(refs: tuple[ArtifactRef, ...]) -> str:
    names = ", ".join(map(str, refs[:_SHOWN])) + (", ..." if len(refs) > _SHOWN else "")
    return f"{len(refs)} {'version' if len(refs) == 1 else 'versions'} ({names})"


@dataclass
class _Difference:
    added: list[ArtifactRef] = field(default_factory=list)
    removed: dict[ArtifactRef, str] = field(default_factory=dict)
    replaced: dict[ArtifactRef, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.replaced)


def check_origin(index: Index, project: Path) -> bool:
    """See to it that the index is this project's own, and that what it says of work in progress is of here.

    Whether it was not: then neither may what else is of work in progress be whole.
    """
    marks = index.read(origin.marks)
    named = read_marks(project)["project"]
    if named and marks.get("project") and named != marks["project"]:
        index.discard()
        return True
    if marks.get(origin.FILE) != index.file:
        # A copy, or an old one put back. What processes were at when it was taken is settled by the folders alone.
        index.amend(lambda db: _forget_progress(db, project, index.file))
        return True
    return False


def _forget_progress(db: sqlite3.Connection, project: Path, file: str) -> None:
    db.execute("DELETE FROM intent")
    db.execute("DELETE FROM reservation")
    numbers.restore_reservations(db, project)
    # It may be of other folders, which were made later than these.
    folder_times.forget(db)
    origin.keep_marks(db, {origin.FILE: file, "stamp": _NEVER})
    origin.make_known_anew(db)


def find_changes(
    index: Index, project: Path, *, wide: bool = False, deep: bool = False
) -> ExternalChanges:
    """Register what changed since the last look.

    By itself it looks at the marks and at the folders of types. `wide`: at the time of every artifact's folder; `deep`:
    of every version's, too. A mark that is another now asks for the latter.
    """
    seen = read_marks(project)
    now = folder_times.type_folders(project)
    marks, known, types = index.read(
        lambda db: (origin.marks(db), folder_times.remembered(db), origin.types(db))
    )
    deep = deep or any(value != marks.get(name, "") for name, value in seen.items())
    changed = {
        name
        for name in now.keys() | known.keys() | types
        if wide or deep or now.get(name, 0) != known.get(name, Known()).changed
    }
    if not changed and not deep:
        return ExternalChanges()
    found = [
        folder_times.look_into(project, name, known.get(name, Known()), deep=deep)
        for name in sorted(changed)
    ]
    differs = index.read(lambda db: _compared(db, project, found))
    times = {each.artifact_type: each.known for each in found}
    if differs:
        return _register(index, project, differs, lambda db: _remember(db, seen, times))
    news = {name: value for name, value in seen.items() if value != marks.get(name, "")}
    fresh = {name: value for name, value in times.items() if value != known.get(name)}
    if news or fresh:
        # No more than a help to the next look: if others are writing, that will look once more.
        with suppress(CannotWrite, ProjectBusy):
            index.amend(lambda db: _remember(db, news, fresh), patient=False)
    return ExternalChanges()


def find_changes_of(index: Index, project: Path, keys: Iterable[ArtifactKey]) -> ExternalChanges:
    """Register what changed of some artifacts, whatever the times of their folders."""
    wanted = list(keys)

    def compared(db: sqlite3.Connection) -> _Difference:
        differs = _Difference()
        for key in wanted:
            _compare(db, project, key, differs)
        return differs

    differs = index.read(compared)
    return _register(index, project, differs, lambda _: None) if differs else ExternalChanges()


def _compared(db: sqlite3.Connection, project: Path, found: Iterable[TypeFolder]) -> _Difference:
    differs = _Difference()
    for folder in found:
        lost = origin.entities(db, folder.artifact_type) - folder.names
        for name in [*folder.changed, *lost]:
            with suppress(InvalidName):
                _compare(db, project, layout.key_of(folder.artifact_type, name), differs)
        for name, number in folder.changed_versions:
            with suppress(InvalidName):
                _compare_seal(
                    db, project, layout.key_of(folder.artifact_type, name), number, differs
                )
    return differs


def _compare(db: sqlite3.Connection, project: Path, key: ArtifactKey, differs: _Difference) -> None:
    here, known = (
        folder_times.numbers_in(layout.artifact_place(project, key)),
        origin.seals(db, key),
    )
    if here == known.keys():
        return
    announced = origin.announced(db, key)
    differs.added += [_ref(key, number) for number in sorted(here - known.keys() - announced)]
    for number in known.keys() - here - announced:
        if not layout.is_occupied(project, key, number):
            differs.removed[_ref(key, number)] = known[number]


def _compare_seal(
    db: sqlite3.Connection, project: Path, key: ArtifactKey, number: int, differs: _Difference
) -> None:
    ref = _ref(key, number)
    row = find_version(db, ref)
    folder = layout.version_dir(project, ref)
    if row is None or _seal_in(folder) == row.seal:
        return
    # What is damaged is for `verify`: only what is in order by itself can be another version.
    with suppress(StoreDamaged):
        found = read_sealed(folder, ref).seal
        if found != row.seal and not _is_same_but_for_a_flip(row.seal, found):
            differs.replaced[ref] = row.seal


def _is_same_but_for_a_flip(known: str, found: str) -> bool:
    """Whether a bit of the index was flipped: two seals differ in almost every letter. `verify` repairs that."""
    is_longer = len(known) != len(found)
    return not is_longer and sum(a != b for a, b in zip(known, found, strict=True)) <= _FLIPPED


def _seal_in(folder: Path) -> str | None:
    """The seal as a record has it, unchecked; None where it cannot be read."""
    try:
        seal = parsed_json(read_regular(folder / layout.META_FILE))["seal"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return seal if isinstance(seal, str) else None


def _ref(key: ArtifactKey, number: int) -> ArtifactRef:
    return ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=number)


def _register(
    index: Index,
    project: Path,
    differs: _Difference,
    remember: Callable[[sqlite3.Connection], None],
) -> ExternalChanges:
    def work(db: sqlite3.Connection) -> ExternalChanges:
        # Others may have registered it meanwhile, or put it back.
        came = [ref for ref in differs.added if find_version(db, ref) is None]
        gone = {
            ref: seal
            for ref, seal in differs.removed.items()
            if not layout.is_occupied(project, ref.key, ref.version)
        }
        if gone or differs.replaced:
            origin.note_gone(db, [*gone.items(), *differs.replaced.items()])
            rebuild(db, project)
        else:
            register_found(db, project, [(ref, layout.version_dir(project, ref)) for ref in came])
            origin.make_known_anew(db)
        remember(db)
        origin.forget_returned(db)
        if not index.is_read_only:
            _link(db, project, {ref.key for ref in (*came, *gone, *differs.replaced)})
        known = [ref for ref in came if find_version(db, ref) is not None]
        return ExternalChanges(tuple(known), tuple(sorted(gone, key=str)), tuple(differs.replaced))

    if index.only_look:
        index.use_copy()
    changes = index.amend(work)
    ours = _in_the_making(project) if changes.added else set()
    return ExternalChanges(
        tuple(ref for ref in changes.added if ref.key not in ours),
        changes.removed,
        changes.replaced,
    )


def _remember(db: sqlite3.Connection, marks: Marks, times: Mapping[str, Known]) -> None:
    origin.keep_marks(db, marks)
    folder_times.remember(db, times.items())


def _in_the_making(project: Path) -> set[ArtifactKey]:
    """What jobs that write no index are publishing just now: that does not come from outside."""
    return {key for owner in owner_files(project) for key in staged_for(project, owner)}


def _link(db: sqlite3.Connection, project: Path, keys: Iterable[ArtifactKey]) -> None:
    for key in keys:
        number = numbers.head_number(db, key)
        with suppress(OSError, StoreDamaged, LinkNotMade):
            if number is not None:
                point_current(project, key, number)
            else:
                links.drop_current(project, key)
