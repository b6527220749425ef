"""Scenes for previsualisation keep their ids, and only what can be seen and heard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge import ModuleFailed
from cineforge.testing import call_module
from tests.modules.module_bench import breakdown, ingest, payloads

STORY = (
    "INT. ATTIC - NIGHT #1#\n\nBob *listens*\nat the door.\n\n[[Too long?]]\n\nBOB\n(whispers)\nHi.\nYou?\n\n"
    "EXT. BEACH - DAY #2#\n\nWaves.\n\n"
)


def picked(tmp_path: Path, story: str = STORY, **params: Any) -> dict[str, Any]:
    made = breakdown(ingest(tmp_path, story))
    inputs = {"scenes": made["scene"], "scene_index": made["scene_index"]}
    return payloads(call_module("previs_scenes_v1", inputs, params))


def test_a_scene_becomes_actions_and_speeches(tmp_path: Path) -> None:
    scene = picked(tmp_path)["previs_scene"]["scene_1"]
    assert scene == {
        "heading": "INT. ATTIC - NIGHT",
        "beats": [
            {"speaker": None, "text": "Bob listens at the door."},
            {"speaker": "BOB", "text": "Hi. You?"},
        ],
    }


def test_a_note_changes_no_scene(tmp_path: Path) -> None:
    without = STORY.replace("[[Too long?]]\n\n", "")
    assert picked(tmp_path, without) == picked(tmp_path)


def test_each_scene_is_made_from_its_own_and_the_order_from_the_index(tmp_path: Path) -> None:
    made = breakdown(ingest(tmp_path, STORY))
    inputs = {"scenes": made["scene"], "scene_index": made["scene_index"]}
    result = call_module("previs_scenes_v1", inputs)
    sources = {own: output.made_from for own, output in result.many("previs_scene").items()}
    assert sources == {"scene_1": ("scenes/scene_1",), "scene_2": ("scenes/scene_2",)}
    assert result.one("previs_order").made_from == ("scene_index",)


def test_the_order_stands_beside_the_scenes(tmp_path: Path) -> None:
    assert picked(tmp_path)["previs_order"] == {
        "scenes": [{"id": "scene_1", "number": "1"}, {"id": "scene_2", "number": "2"}]
    }


def test_only_the_scenes_named_are_taken(tmp_path: Path) -> None:
    made = picked(tmp_path, only=["scene_2"])
    assert set(made["previs_scene"]) == {"scene_2"}
    assert [row["id"] for row in made["previs_order"]["scenes"]] == ["scene_2"]


def test_a_scene_that_does_not_exist_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ModuleFailed, match="'scene_22', which is no scene: did you mean 'scene_2'"):
        picked(tmp_path, only=["scene_22"])
