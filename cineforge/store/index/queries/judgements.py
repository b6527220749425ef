"""The latest judgements on record: assessments, and holds or releases."""

from __future__ import annotations

import sqlite3

from cineforge.model.health import ASSESSMENT_TYPE, HOLD_TYPE, Verdict
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.index.tables.columns import VERDICTS, make_ref


def latest_assessment(db: sqlite3.Connection, ref: ArtifactRef) -> ArtifactRef | None:
    """The record of the latest assessment of exactly this version."""
    row = db.execute(
        "SELECT s.entity, s.record FROM assessed s JOIN artifact a ON a.id = s.artifact"
        " WHERE a.type = ? AND a.entity = ? AND s.number = ?",
        (ref.artifact_type, ref.key.entity_dir, ref.version),
    ).fetchone()
    return make_ref(ASSESSMENT_TYPE, *row) if row else None


def latest_hold(db: sqlite3.Connection, key: ArtifactKey) -> ArtifactRef | None:
    """The record of the latest hold or release of an artifact."""
    row = db.execute(
        "SELECT h.entity, h.record FROM hold h JOIN artifact a ON a.id = h.artifact"
        " WHERE a.type = ? AND a.entity = ?",
        (key.artifact_type, key.entity_dir),
    ).fetchone()
    return make_ref(HOLD_TYPE, *row) if row else None


def revisions_asked(db: sqlite3.Connection) -> set[ArtifactRef]:
    """Every version, head or not, of which a revision is asked for."""
    rows = db.execute(
        "SELECT a.type, a.entity, s.number FROM assessed s JOIN artifact a ON a.id = s.artifact"
        f" WHERE s.verdict = {VERDICTS[Verdict.NEEDS_REVISION]}"
    )
    return {make_ref(*row) for row in rows}


def confirmed_since(db: sqlite3.Connection, moment: int) -> list[ArtifactRef]:
    """Every version, head or not, that was confirmed since, in microseconds, and nothing else was said of."""
    rows = db.execute(
        "SELECT a.type, a.entity, s.number FROM assessed s JOIN artifact a ON a.id = s.artifact"
        f" WHERE s.verdict = {VERDICTS[Verdict.CONFIRMED]} AND s.created_at >= ?"
        " ORDER BY a.type, a.entity, s.number",
        (moment,),
    )
    return [make_ref(*row) for row in rows]


def heads_to_revise(db: sqlite3.Connection) -> list[ArtifactRef]:
    """The heads of which a revision is asked for; what has vanished is left out."""
    # From the few to their artifacts: SQLite by itself goes through all of these, as they are in order.
    rows = db.execute(
        "SELECT a.type, a.entity, s.number FROM assessed s"
        " CROSS JOIN artifact a ON a.id = s.artifact AND a.number = s.number AND a.vanished = 0"
        f" WHERE s.verdict = {VERDICTS[Verdict.NEEDS_REVISION]} AND a.head IS NOT NULL"
        " ORDER BY a.type, a.entity"
    )
    return [make_ref(*row) for row in rows]
