"""Random histories as steps: plain data, so that they can be made smaller and told."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cineforge.model.health import HoldAction, Verdict
from cineforge.model.metadata import Source
from cineforge.model.own_payloads.collection import Outcome
from cineforge.model.refs import ArtifactKey

SCENES = ["s1", "s2", "s3"]
KEYS = [
    ArtifactKey("script"),
    ArtifactKey("notes"),
    *(ArtifactKey("scene", scene) for scene in SCENES),
    ArtifactKey("shot", "s1.a"),
    ArtifactKey("shot", "s2.a"),
    ArtifactKey("report", "s1"),
    ArtifactKey("board"),
]
number = st.integers(min_value=0, max_value=9)
numbers = st.lists(number, max_size=3)

saves = st.fixed_dictionaries(
    {
        "op": st.just("save"),
        "key": number,
        "content": st.integers(0, 2),
        "parents": numbers,
        "source": st.sampled_from(list(Source)),
        "made_for": st.sampled_from([None, None, "s1", "s2"]),
        "gathers": st.sampled_from([None, None, "scenes", "shots", "shots of s1"]),
        "ids": st.sampled_from(["now", "now", "some"]),
        "number": st.sampled_from([None, None, None, 2, 3, 5]),
    }
)
fan_outs = st.fixed_dictionaries(
    {
        "op": st.just("fan_out"),
        "parent": st.sampled_from([None, None, "s1", "s2"]),
        "members": st.lists(
            st.tuples(
                st.integers(0, 2),
                st.integers(0, 2),
                st.sampled_from([*Outcome, Outcome.KEPT, "kept the first"]),
            ),
            max_size=3,
        ),
        # What each says that it was made from: all, the script, a scene of its own, which scenes there are.
        "made_from": st.lists(
            st.sampled_from([None, None, ["script"], ["input/s1"], ["input/s2", "all"], []]),
            min_size=3,
            max_size=3,
        ),
        "parents": numbers,
        "made_for": st.booleans(),
        "gathers": st.sampled_from([None, None, "scenes"]),
        "number": st.sampled_from([None, None, None, 2, 3, 5]),
    }
)
revisions = st.fixed_dictionaries(
    {
        "op": st.just("revise"),
        "key": st.sampled_from(
            [
                ArtifactKey("script"),
                ArtifactKey("script"),
                ArtifactKey("scene", "s1"),
                ArtifactKey("scene", "s2"),
            ]
        ),
        "content": st.integers(0, 1),
    }
)
refinements = st.fixed_dictionaries(
    {
        "op": st.just("refine"),
        "key": number,
        "earlier": st.integers(0, 2),
        "content": st.integers(0, 2),
        "parents": numbers,
    }
)
edits = st.fixed_dictionaries(
    {
        "op": st.just("edit"),
        "scene": st.sampled_from([None, *SCENES]),
        "version": number,
        "content": st.integers(0, 3),
        "other": numbers,
        "source": st.sampled_from([Source.HUMAN, Source.HUMAN, Source.HYBRID, Source.AI]),
    }
)
assessments = st.fixed_dictionaries(
    {
        "op": st.just("assess"),
        "subject": number,
        "stale_one": st.sampled_from([True, True, False]),
        "examined": st.sampled_from(["heads", "heads", "some", "none"]),
        "some": numbers,
        "verdict": st.sampled_from([Verdict.CONFIRMED, Verdict.CONFIRMED, Verdict.NEEDS_REVISION]),
    }
)
holds = st.fixed_dictionaries(
    {"op": st.just("hold"), "version": number, "action": st.sampled_from(list(HoldAction))}
)
crashes = st.fixed_dictionaries(
    {
        "op": st.just("crash"),
        "key": number,
        "content": st.integers(0, 2),
        "versions": st.sampled_from([1, 2]),
        "at": st.sampled_from(["seal", "move_into_place", "sync_names", "register", "sync_file"]),
        "call": st.integers(1, 3),
    }
)
at_once = st.fixed_dictionaries(
    {"op": st.just("at_once"), "keys": st.lists(number, min_size=2, max_size=3)}
)
elsewhere = st.fixed_dictionaries(
    {
        "op": st.just("elsewhere"),
        "keys": st.lists(number, min_size=1, max_size=3),
        "content": st.integers(0, 2),
    }
)
taken_away = st.fixed_dictionaries({"op": st.just("take_away"), "version": number})
put_back = st.fixed_dictionaries({"op": st.just("put_back")})
#: A finished little film to start from, so that what follows meets nested fan-outs, things made for scenes, and sets.
_FAN_OUT = {
    "op": "fan_out",
    "made_for": True,
    "gathers": None,
    "number": None,
    "made_from": [None] * 3,
}
_SAVE = {"op": "save", "content": 0, "source": Source.AI, "ids": "now", "number": None}
FILM: list[dict[str, Any]] = [
    {**_SAVE, "key": 0, "parents": [], "made_for": None, "gathers": None},
    {
        **_FAN_OUT,
        "parent": None,
        "parents": [0],
        "members": [(n, n, Outcome.NEW) for n in range(3)],
    },
    {**_FAN_OUT, "parent": "s1", "parents": [3], "members": [(0, 0, Outcome.NEW)]},
    {**_FAN_OUT, "parent": "s2", "parents": [4], "members": [(0, 0, Outcome.NEW)]},
    {**_SAVE, "key": 7, "parents": [7], "made_for": "s1", "gathers": "shots of s1"},
    {**_SAVE, "key": 8, "parents": [0, 2, 4], "made_for": None, "gathers": "shots"},
    {**_SAVE, "key": 1, "parents": [0], "made_for": None, "gathers": "scenes"},
]
steps = st.one_of(
    *[saves, saves, revisions, revisions, fan_outs, fan_outs, edits, edits],
    *[refinements, refinements],
    *[assessments, assessments, assessments, holds, crashes, at_once],
    *[elsewhere, elsewhere, taken_away, put_back],
)
histories = st.tuples(st.sampled_from([[], FILM, FILM]), st.lists(steps, min_size=3, max_size=9))
