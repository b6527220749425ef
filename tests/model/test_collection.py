"""The record of a fan-out: its canonical form is made piece by piece, and is the same to the byte."""

from __future__ import annotations

import pytest

from cineforge.model.canonical import canonical_json
from cineforge.model.own_payloads.collection import Collection, Member, Outcome

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"scene": {}},
        {"scene": {"scene_10": Outcome.NEW, "scene_2": Outcome.KEPT}, "index": {"_": Outcome.HELD}},
        {"shot": {"scene_1.shot_1": Outcome.NEW, "scene_1-b.shot_1": Outcome.NEW}, "plan": {}},
    ],
)
@pytest.mark.parametrize("parent", [None, "scene_1"])
def test_a_collection_is_written_as_any_other_payload(
    members: dict[str, dict[str, Outcome]], parent: str | None
) -> None:
    collection = Collection(
        parent=parent,
        members={
            name: {
                entity: Member(version=7, content=DIGEST, outcome=outcome)
                for entity, outcome in listed.items()
            }
            for name, listed in members.items()
        },
    )
    assert collection.canonical() == canonical_json(collection.model_dump(mode="json"))
    assert Collection.model_validate_json(collection.canonical()) == collection
