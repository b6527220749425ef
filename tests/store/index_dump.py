"""Everything an index holds, by names instead of row ids, so that two indexes can be compared."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from cineforge.store.index.rebuild import rebuild
from cineforge.store.index.schema import DERIVED_TABLES, create_tables

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


def dump(db: sqlite3.Connection) -> set[Any]:
    """The logical content of all derived tables."""
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
    found: set[Any] = set()
    for table in DERIVED_TABLES:
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
            found.add((table, *fields.items()))
    return found


def live_dump(project: Path) -> set[Any]:
    """The content of the project's own index."""
    db = sqlite3.connect(project / ".cineforge" / "index.sqlite")
    try:
        return dump(db)
    finally:
        db.close()


def rebuilt_dump(project: Path) -> set[Any]:
    """The content that an index has when it is made from the folders alone."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        create_tables(db)
        assert rebuild(db, project) == []
        return dump(db)
    finally:
        db.close()
