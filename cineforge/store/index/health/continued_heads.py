"""Heads that go on from the head before: their basis is that one's, with what their own record adds.

So saving the thousandth refinement or edit of an artifact costs what the second did. All else is read as a whole
(`basis.py`), and comes to the same.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

#: Of artifacts `a` with the numbers of their former heads, ?1: those whose head refines just that version, or is a
#: person's edit of it, and was judged by no collection.
_GO_ON = (
    "SELECT a.id, v.edited_artifact IS NOT NULL FROM json_each(?1) w"
    " CROSS JOIN artifact a ON a.id = json_extract(w.value, '$[0]') JOIN version v ON v.id = a.head"
    " WHERE NOT EXISTS (SELECT 1 FROM judged j"
    "  WHERE j.artifact = a.id AND j.number = a.number AND j.kept = 1)"
    " AND CASE WHEN v.edited_artifact IS NOT NULL"
    "  THEN v.edited_artifact = a.id AND v.edited_number = json_extract(w.value, '$[1]')"
    "  ELSE v.refined = 1 AND (SELECT min(l.number) = max(l.number) AND min(l.number) = json_extract(w.value, '$[1]')"
    "   FROM lineage l WHERE l.version = v.id AND l.artifact = a.id) END"
)
_EDGES = (
    "INSERT OR IGNORE INTO edge (parent, child, content)"
    " SELECT l.artifact, a.id, l.content FROM artifact a JOIN lineage l ON l.version = a.head"
    " WHERE a.id = ? AND l.artifact <> a.id"
)


def renew_continued(db: sqlite3.Connection, before: Mapping[int, int]) -> dict[int, bool]:
    """Renew the basis of those heads that go on; `before` has the numbers of the former heads, by artifact.

    Returned are these artifacts, each with whether it is refined: what it gathered itself then counts too.
    """
    pairs = json.dumps([[artifact, number] for artifact, number in before.items()])
    found = {artifact: not edited for artifact, edited in db.execute(_GO_ON, (pairs,)).fetchall()}
    refined = [(artifact,) for artifact, is_refined in found.items() if is_refined]
    db.executemany("UPDATE artifact SET basis = head WHERE id = ?", refined)
    db.executemany(_EDGES, refined)
    return found
