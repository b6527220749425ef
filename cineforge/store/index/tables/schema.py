"""The tables of the index."""

from __future__ import annotations

import functools
import sqlite3

#: Raise with every change of the tables or of their meaning: an index of another version is rebuilt.
SCHEMA_VERSION = 5

#: Facts read from the folders.
_FACTS = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE content (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE);

-- A row for every artifact that something names, with or without versions. What follows `head` is of the head,
-- and what follows `basis` is its health, kept up to date by settle.py.
CREATE TABLE artifact (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    entity TEXT NOT NULL,                   -- '_' for none
    head INTEGER,
    number INTEGER,
    content INTEGER,
    made_for INTEGER,
    named INTEGER NOT NULL DEFAULT 0,       -- some version of some collection ever named it
    vanished INTEGER NOT NULL DEFAULT 0,
    basis INTEGER,                          -- the version whose lineage and gathered sets are the head's basis
    verdict INTEGER NOT NULL DEFAULT 0,     -- of the latest assessment of the head: see _VERDICTS
    examined INTEGER NOT NULL DEFAULT 0,    -- that assessment examined something
    stale INTEGER NOT NULL DEFAULT 0,       -- causes(head) is not empty
    confirmed INTEGER NOT NULL DEFAULT 0,   -- a confirming assessment emptied causes(head)
    UNIQUE (type, entity)
);
CREATE INDEX artifact_made_for ON artifact (made_for) WHERE made_for IS NOT NULL;
CREATE INDEX artifact_examined ON artifact (id) WHERE examined = 1;

CREATE TABLE version (
    id INTEGER PRIMARY KEY,
    artifact INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content INTEGER NOT NULL,
    seal TEXT NOT NULL,
    source TEXT NOT NULL,
    by_hand INTEGER NOT NULL,               -- a person put it there, not a module
    fingerprint TEXT,
    run_id TEXT,
    created_at INTEGER NOT NULL,            -- microseconds since 1970, UTC
    made_for INTEGER,
    edited_artifact INTEGER,                -- the version that a person's edit was made from
    edited_number INTEGER,
    refined INTEGER NOT NULL,               -- it, or a member it names, was made from an earlier version of itself
    UNIQUE (artifact, number)
);
CREATE INDEX version_by_hand ON version (artifact) WHERE by_hand = 1;
CREATE INDEX version_refined ON version (artifact) WHERE refined = 1;
CREATE INDEX version_edited ON version (edited_artifact, edited_number) WHERE edited_artifact IS NOT NULL;

CREATE TABLE lineage (
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    artifact INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content INTEGER NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (version, position)
) WITHOUT ROWID;
CREATE INDEX lineage_parent ON lineage (artifact, number);

CREATE TABLE gathered (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    stage TEXT NOT NULL,
    member_type TEXT NOT NULL,
    scope TEXT NOT NULL,                    -- '_' for all collections of the stage
    ids TEXT NOT NULL,                      -- a sorted JSON list
    UNIQUE (version, position)
);
CREATE INDEX gathered_stage ON gathered (stage);

-- What collections ever named; `now` marks what the head of the collection names.
CREATE TABLE named (
    collection INTEGER NOT NULL,
    member INTEGER NOT NULL,
    now INTEGER NOT NULL,
    PRIMARY KEY (collection, member)
) WITHOUT ROWID;
CREATE INDEX named_member ON named (member);

-- For each exact version that collections list: the newest of them, and whether it found the version unchanged.
CREATE TABLE judged (
    artifact INTEGER NOT NULL,
    number INTEGER NOT NULL,
    collection INTEGER NOT NULL,            -- a version id
    rank_number INTEGER NOT NULL,
    rank_created INTEGER NOT NULL,
    kept INTEGER NOT NULL,
    parents TEXT,                           -- a JSON list of places in the collection's lineage; NULL for all of it
    sets TEXT,                              -- the same of the sets that it gathered
    PRIMARY KEY (artifact, number)
) WITHOUT ROWID;

-- The latest assessment of each exact version; `examined` is a JSON list of [artifact, number].
CREATE TABLE assessed (
    artifact INTEGER NOT NULL,
    number INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    entity TEXT NOT NULL,
    record INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    examined TEXT NOT NULL,
    PRIMARY KEY (artifact, number)
) WITHOUT ROWID;

-- The latest hold or release of each artifact.
CREATE TABLE hold (
    artifact INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    entity TEXT NOT NULL,
    record INTEGER NOT NULL,
    held INTEGER NOT NULL
);

-- The basis of each head, ready for propagation: which content of which artifact it stands on.
CREATE TABLE edge (
    parent INTEGER NOT NULL,
    child INTEGER NOT NULL,
    content INTEGER NOT NULL,
    PRIMARY KEY (parent, child, content)
) WITHOUT ROWID;
CREATE INDEX edge_child ON edge (child);

CREATE TABLE gathering (
    child INTEGER NOT NULL,
    gathered INTEGER NOT NULL,
    differs INTEGER NOT NULL,               -- the ids are others now
    PRIMARY KEY (child, gathered)
) WITHOUT ROWID;
CREATE INDEX gathering_set ON gathering (gathered);
"""

#: Work in progress of live processes. Reservations are noted elsewhere, too; an intent lost with the file costs nothing
#: but holes in the numbers.
_PROGRESS = """
CREATE TABLE reservation (
    type TEXT NOT NULL,
    entity TEXT NOT NULL,
    number INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (type, entity, number)
) WITHOUT ROWID;

CREATE TABLE intent (
    batch TEXT NOT NULL,
    position INTEGER NOT NULL,
    owner TEXT NOT NULL,
    folder TEXT NOT NULL,
    type TEXT NOT NULL,
    entity TEXT NOT NULL,
    number INTEGER NOT NULL,
    meta BLOB NOT NULL,
    PRIMARY KEY (batch, position),
    UNIQUE (type, entity, number)
);
"""

#: By what the index tells that the folders are others than they were, or are not its own.
_BELONGING = """
CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- By type: its folder's time, and up to when the folders of its artifacts, and of their versions, are known.
CREATE TABLE folder (
    type TEXT PRIMARY KEY,
    changed INTEGER NOT NULL,
    artifacts INTEGER NOT NULL,
    versions INTEGER NOT NULL
) WITHOUT ROWID;

-- Versions that were known and are not there any more, or others under their numbers, until `reindex`.
CREATE TABLE gone (
    type TEXT NOT NULL,
    entity TEXT NOT NULL,
    number INTEGER NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (type, entity, number)
) WITHOUT ROWID;
"""

DERIVED_TABLES = (
    "content",
    "artifact",
    "version",
    "lineage",
    "gathered",
    "named",
    "judged",
    "assessed",
    "hold",
    "edge",
    "gathering",
)


def create_tables(db: sqlite3.Connection) -> None:
    """Create all tables inside the caller's transaction (`executescript` would commit it)."""
    for statement in (_FACTS + _PROGRESS + _BELONGING).split(";\n"):
        if statement.strip():
            db.execute(statement)


def is_ours(db: sqlite3.Connection) -> bool:
    """Whether the tables are what `create_tables` makes, to the letter.

    SQLite keeps them as text, without a checksum: a flipped bit there outlives whatever is done to the rows.
    """
    return _described(db) == _ours()


@functools.cache
def _ours() -> list[tuple[str, ...]]:
    db = sqlite3.connect(":memory:")
    try:
        create_tables(db)
        return _described(db)
    finally:
        db.close()


def _described(db: sqlite3.Connection) -> list[tuple[str, ...]]:
    return db.execute(
        "SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY name"
    ).fetchall()


def clear_derived(db: sqlite3.Connection) -> None:
    """Forget everything that the folders can tell again."""
    for table in (*DERIVED_TABLES, "folder"):
        db.execute(f"DELETE FROM {table}")
