"""Whether an index says what the folders say, down to the last row; and making it so."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cineforge.store.index.database import Index
from cineforge.store.index.rebuild import rebuild
from cineforge.store.index.tables import origin, schema

#: Which columns hold row ids, and of what.
_ARTIFACT_IDS = {
    "artifact": {"made_for"},
    "version": {"artifact", "made_for", "edited_artifact"},
    "lineage": {"artifact"},
    "named": {"collection", "member"},
    "judged": {"artifact"},
    "assessed": {"artifact"},
    "hold": {"artifact"},
    "edge": {"parent", "child"},
    "gathering": {"child"},
}
_VERSION_IDS = {
    "artifact": {"head", "basis"},
    "lineage": {"version"},
    "gathered": {"version"},
    "judged": {"collection"},
}


def repair(index: Index, project: Path) -> bool:
    """Compare the index with one made from the folders, and make it anew when they differ; True when they did.

    Reads the metadata of every version. An index that knows one which may not be read now is left as it is.
    """
    wrong = False

    def look(db: sqlite3.Connection) -> bytes:
        nonlocal wrong
        try:
            if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("the index fails SQLite's own check")
            return _digest(db)
        except (sqlite3.DatabaseError, LookupError, ValueError, TypeError):
            wrong = True
            raise  # `Index` makes it anew and looks again

    def renew(db: sqlite3.Connection) -> bool:
        before = _digest(db)
        rebuild(db, project)
        return _digest(db) != before

    known, found = index.read(look), _digest_of_folders(project)
    # What may not be read now, but could be once, is still known: nobody must make it again.
    if found is not None and known != found:
        # Someone may have saved in between: only within a write transaction is it certain.
        wrong = index.write(renew) or wrong
    return wrong


def named_rows(db: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Every row of the derived tables, by names instead of row ids, so that two indexes can be compared."""
    artifacts = {
        row[0]: f"{row[1]}/{row[2]}" for row in db.execute("SELECT id, type, entity FROM artifact")
    }
    versions = {
        row[0]: f"{artifacts[row[1]]}@{row[2]}"
        for row in db.execute("SELECT id, artifact, number FROM version")
    }
    contents = dict(db.execute("SELECT id, digest FROM content"))
    gathered = {
        row[0]: f"{versions[row[1]]}#{row[2]}"
        for row in db.execute("SELECT id, version, position FROM gathered")
    }
    for table in schema.DERIVED_TABLES:
        cursor = db.execute(f"SELECT * FROM {table}")
        columns = [column[0] for column in cursor.description]
        for row in cursor:
            fields = dict(zip(columns, row, strict=True))
            fields.pop("id", None)
            for column, value in fields.items():
                if value is None:
                    continue
                if column in _ARTIFACT_IDS.get(table, ()):
                    fields[column] = artifacts[value]
                elif column in _VERSION_IDS.get(table, ()):
                    fields[column] = versions[value]
                elif column == "content":
                    fields[column] = contents[value]
                elif column == "gathered":
                    fields[column] = gathered[value]
                elif column == "examined" and table == "assessed":
                    pairs = json.loads(value)
                    fields[column] = tuple(sorted(f"{artifacts[a]}@{n}" for a, n in pairs))
            yield (table, *fields.items())


def _digest(db: sqlite3.Connection) -> bytes:
    """A digest of all rows that does not hang on their order."""
    total = 0
    for row in named_rows(db):
        digest = hashlib.blake2b(
            repr(row).encode("utf-8", "surrogatepass"), digest_size=24
        ).digest()
        total += int.from_bytes(digest, "big")
    return total.to_bytes(40, "big")


def _digest_of_folders(project: Path) -> bytes | None:
    """Of all rows as the folders have them; None where not all versions may be read."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        schema.create_tables(db)
        rebuild(db, project)
        return None if origin.marks(db)[origin.CLOSED] else _digest(db)
    finally:
        db.close()
