"""A scene is split into shots, whose ids survive edits; the call is paid for."""

from __future__ import annotations

from typing import Any

import pytest

from cineforge import ModuleFailed
from cineforge.testing import FakeContext, call_module
from tests.modules.module_bench import payloads

WAVES = {"speaker": None, "text": "Waves come in. A SMALL DOG runs along the BEACH."}
HELLO = {"speaker": "BOB", "text": "Hello there, dog."}
DOG = {"speaker": "DOG", "text": "Yip!"}


def scene(*beats: dict[str, Any]) -> dict[str, Any]:
    return {"scene": {"heading": "EXT. BEACH - DAY", "beats": list(beats)}}


def shots(*beats: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Payloads by type; `before` is the result for the scene as it was."""
    members = {"shot": before["shot"], "shot_list": {"_": before["shot_list"]}} if before else {}
    context = FakeContext("scene_7", previous=members)
    return payloads(call_module("previs_shots_v1", scene(*beats), context=context))


def test_a_wide_shot_opens_and_every_beat_has_its_own() -> None:
    assert list(shots(WAVES, HELLO)["shot"].values()) == [
        {
            "size": "wide",
            "subject": "EXT. BEACH - DAY",
            "description": "EXT. BEACH - DAY",
            "seconds": 3.0,
        },
        {
            "size": "medium",
            "subject": "SMALL DOG",
            "description": WAVES["text"],
            "seconds": 4.0,
        },
        {"size": "close", "subject": "BOB", "description": "Hello there, dog.", "seconds": 2.0},
    ]


def test_the_shot_list_holds_the_order_with_full_ids() -> None:
    assert shots(WAVES)["shot_list"] == {"shots": ["scene_7.shot_1", "scene_7.shot_2"]}


def test_an_inserted_beat_leaves_the_other_shots_their_ids() -> None:
    before = shots(WAVES, DOG)
    after = shots(WAVES, HELLO, DOG, before=before)
    assert {own: after["shot"][own] for own in before["shot"]} == before["shot"]
    assert after["shot_list"]["shots"] == [
        "scene_7.shot_1",
        "scene_7.shot_2",
        "scene_7.shot_4",
        "scene_7.shot_3",
    ]


def test_one_of_two_equal_shots_goes_and_the_first_stays() -> None:
    before = shots(DOG, HELLO, DOG)
    after = shots(DOG, HELLO, before=before)
    assert after["shot_list"]["shots"] == [
        "scene_7.shot_1",
        "scene_7.shot_2",
        "scene_7.shot_3",
    ]


def test_a_scene_without_beats_has_its_opening_shot() -> None:
    assert len(shots()["shot"]) == 1


def test_a_longer_scene_costs_more() -> None:
    prices = []
    for beats in ((DOG,), (DOG, WAVES)):
        context = FakeContext("scene_7")
        call_module("previs_shots_v1", scene(*beats), context=context)
        [call] = context.costs
        assert call.model == "mock-text-1"
        prices.append(call.estimated_cost_usd)
    assert 0 < prices[0] < prices[1]


def test_a_call_that_fails_is_paid_all_the_same() -> None:
    context = FakeContext("scene_7")
    with pytest.raises(ModuleFailed, match="was asked to fail"):
        call_module("previs_shots_v1", scene(DOG), {"fail": ["scene_7"]}, context=context)
    assert len(context.costs) == 1
