"""The SQLite file of the index: opened, created, replaced when lost or corrupt, and safe between threads."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from cineforge.model.errors import NotFound, ProjectBusy
from cineforge.store import layout
from cineforge.store.disk.durable import has_room, may_grow, refused, sync_file
from cineforge.store.disk.safe_files import is_regular
from cineforge.store.disk.temporary import TemporaryFolder
from cineforge.store.index import index_file
from cineforge.store.index.copying import copy_index
from cineforge.store.index.rebuild import rebuild
from cineforge.store.index.sqlite_errors import (
    IndexContradicted,
    explained,
    is_unusable,
    is_unwritable,
)
from cineforge.store.index.write_wait import WriteWait
from cineforge.store.locking.file_lock import lock

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

#: How often work is tried on an index that fails, and on one that someone deletes meanwhile.
_ATTEMPTS, _PATIENCE = 3, 30
_PAUSE_SECONDS = 0.01
#: What reading rows ends in that make no sense, such as an id that nothing has.
_SENSELESS = (ValueError, TypeError, LookupError, ArithmeticError)


class Index:
    """One connection, one lock. Work is handed in as a function, so that it can be done again on a rebuilt index.

    An index that is missing, corrupt, or of another program version (older or newer) is rebuilt from the
    folders: it holds nothing else. In a project that may only be read, a copy elsewhere is read instead.
    """

    def __init__(self, project: Path, *, only_look: bool = False) -> None:
        self.only_look = only_look
        self._project = project
        self._path = project / layout.INDEX
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        self._origin = 0
        self._durable = True  # as SQLite begins
        self._copy: TemporaryFolder | None = None

    @property
    def is_read_only(self) -> bool:
        """Whether the project may only be read."""
        if self._db is not None:
            return self._copy is not None
        return index_file.closed_to_us(self._path) is not None

    def read(self, work: Work[T]) -> T:
        """Run a query on one consistent state."""
        return self._run(work, begin="BEGIN")

    def write(self, work: Work[T], *, durable: bool = False) -> T:
        """Run work in one write transaction; `durable`: on the disk before this returns. Raises CannotWrite."""
        if self.is_read_only:
            raise index_file.only_readable(self._project)
        return self._run(work, begin="BEGIN IMMEDIATE", durable=durable)

    def amend(self, work: Work[T], *, patient: bool = True) -> T:
        """Make the index follow the folders: as `write`, but also in a copy that is read elsewhere."""
        return self._run(work, begin="BEGIN IMMEDIATE", patient=patient)

    @property
    def file(self) -> str:
        """What tells the file from a copy of it; of one that is read elsewhere, the file that it is a copy of."""
        return str(self._origin or self._inode)

    def discard(self) -> None:
        """Give the file up: it is another project's. The next to ask makes a new one."""
        with self._lock:
            self._replace()

    def close(self) -> None:
        with self._lock:
            self._disconnect()
            if self._copy is not None:
                self._copy.remove()
                self._copy, self._origin = None, 0
                self._path = self._project / layout.INDEX

    def use_copy(self) -> None:
        """From here on read and note in a copy elsewhere: nothing is written in the project."""
        with self._lock:
            self._disconnect()
            if self._copy is None:
                self._open_copy()

    @property
    def is_there(self) -> bool:
        """Whether there is a file of the index to look into."""
        return is_regular(self._path)

    def sync_log(self) -> bool:
        """Bring to the disk what others, who have the index open, keep in its log; False when that cannot be done."""
        try:
            sync_file(self._path.with_name(f"{self._path.name}-wal"))
        except FileNotFoundError:
            return True  # the last who closed it has done so
        except OSError:
            return False
        return True

    def _disconnect(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def before_fork(self) -> None:
        """Wait for the transaction that is on, and begin none until `after_fork`."""
        self._lock.acquire()

    def after_fork(self) -> None:
        """Go on after `before_fork`."""
        self._lock.release()

    def abandon(self) -> None:
        """In a forked child: drop the parent's connection untouched (closing it would disturb SQLite's locks)."""
        self._lock = threading.RLock()
        if self._db is not None:
            _abandoned.append(self._db)
            self._db = None
        if self._copy is not None:
            _abandoned.append(self._copy)
            self._copy = None
            self._origin = 0
            self._path = self._project / layout.INDEX

    def _run(self, work: Work[T], *, begin: str, durable: bool = False, patient: bool = True) -> T:
        with self._lock:
            failed = vanished = 0
            waiting = WriteWait(self._path)
            while vanished < _PATIENCE:
                try:
                    result = self._transaction(work, begin, durable)
                except (sqlite3.Error, OSError) as error:
                    if patient and waiting.wait(error):
                        continue
                    if self._has_vanished(error):
                        vanished += 1
                        self._disconnect()
                        time.sleep(_PAUSE_SECONDS * vanished)
                        continue
                    failed += 1
                    if failed < _ATTEMPTS and is_unusable(error):
                        self._replace()
                        continue
                    if isinstance(error, OSError):
                        raise refused(self._project, error) from error
                    raise explained(error, self._path) from error
                except IndexContradicted:
                    # What the caller was told before came from there, so this is not to be tried again here.
                    self._make_anew(keep_progress=True)
                    raise
                except _SENSELESS:
                    # SQLite has no checksums: a flipped bit may turn up as anything. If it was not that, it does again.
                    failed += 1
                    if failed == _ATTEMPTS:
                        raise
                    self._make_anew(keep_progress=failed == 1)
                    continue
                # Someone deleted the file meanwhile: what was written went to a file that nobody will read.
                if begin == "BEGIN" or self._is_current():
                    return result
                vanished += 1
            raise ProjectBusy(f"{self._path} keeps being replaced: stop the other programs first")

    def _has_vanished(self, error: Exception) -> bool:
        """Whether work failed for no other reason than that someone deleted the file, or its folder, just then."""
        if isinstance(error, OSError):
            return isinstance(error, FileNotFoundError) and str(error.filename).startswith(
                str(self._path.parent)
            )
        if not is_unwritable(error):
            return False
        is_there = (
            self._db is not None
            and self._is_current()
            and index_file.shared_memory(self._path).exists()
        )
        return not is_there and has_room(self._project) and may_grow(self._path)

    def _transaction(self, work: Work[T], begin: str, durable: bool) -> T:
        db = self._connection()
        if begin != "BEGIN" and durable != self._durable:
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        db.execute(begin)
        try:
            result = work(db)
            db.execute("COMMIT")
        except BaseException:
            # A commit that fails (a full disk) may leave the transaction open.
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return result

    def _is_current(self) -> bool:
        try:
            return self._path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False

    def _connection(self) -> sqlite3.Connection:
        if self._db is not None and self._is_current():
            return self._db
        self._disconnect()
        if not self._project.is_dir():
            raise NotFound(
                f"there is no project folder {self._project}: make one with cineforge init"
            )
        if self._inode:
            index_file.require_project(self._project, self._path)
        if self._copy is None:
            layout.require_inside(self._project, self._path)
            if index_file.closed_to_us(self._path) is None:
                self._path.parent.mkdir(exist_ok=True)
            else:
                self._open_copy()
            index_file.require_files(self._path)
        if self._copy is None and index_file.is_hard_linked(self._path):
            with self._replacing():
                if index_file.is_hard_linked(self._path):
                    # `cp -al`: two projects would write into one file. Ours is made anew, theirs left alone.
                    index_file.remove(self._path)
        if not self._path.exists():
            with self._replacing():
                # Another process may have been first.
                if not self._path.exists():
                    index_file.create(self._path, self._project)
        self._db = self._open()
        return self._db

    def _open(self) -> sqlite3.Connection:
        # Before it is opened: if it is replaced meanwhile, that shows at the next look.
        try:
            self._inode = self._path.stat().st_ino
        except FileNotFoundError as error:
            raise sqlite3.DatabaseError("another process is about to replace the index") from error
        db = index_file.open_checked(self._path)
        self._durable = True
        return db

    def _open_copy(self) -> None:
        """Go on with a copy in a temporary folder: SQLite cannot even read an index without writing beside it."""
        self._copy = TemporaryFolder("index")
        copy = self._copy.path / self._path.name
        with suppress(OSError):
            self._origin = self._path.stat().st_ino
        copy_index(self._path, copy)
        self._path = copy

    @contextmanager
    def _replacing(self) -> Iterator[None]:
        """Alone make or remove the file. Locked is a folder that stays when someone deletes the index with its own."""
        if self._copy is not None:  # nobody else's, and its folder locked as long as it is there
            yield
            return
        descriptor = index_file.open_project(self._project, self._path)
        try:
            lock(descriptor, self._project)
            yield
        finally:
            os.close(descriptor)

    def _make_anew(self, *, keep_progress: bool) -> None:
        """Read the folders again: into the same file, or else into a new one, without the work in progress."""
        if keep_progress:
            with suppress(sqlite3.Error, *_SENSELESS):
                self._transaction(lambda db: rebuild(db, self._project), "BEGIN IMMEDIATE", False)
                return
        self._replace()

    def _replace(self) -> None:
        """Remove the file that failed us, unless another process has put a new one there since."""
        self._disconnect()
        with self._replacing():
            if self._is_current():
                index_file.remove(self._path)


#: Kept alive for the life of a forked child: see `Index.abandon`.
_abandoned: list[object] = []
