"""The contact sheet and the animatic show all shots in the order that the lists give."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from cineforge import ModuleFailed
from cineforge.testing import FakeContext, FakeInput, call_module


def shot(subject: str, seconds: float) -> dict[str, Any]:
    return {"size": "close", "subject": subject, "description": "<Hi>", "seconds": seconds}


def frame(folder: Path, at_seconds: float) -> FakeInput:
    image = folder / f"{at_seconds}.png"
    image.write_bytes(f"picture at {at_seconds}".encode())
    data = {
        "at_seconds": at_seconds,
        "prompt": "Hi",
        "image": image.name,
        "width": 9,
        "height": 9,
    }
    return FakeInput(data, files={image.name: image})


def sheet_inputs(folder: Path) -> dict[str, Any]:
    return {
        "scene": {"heading": "INT. A & B - DAY", "beats": []},
        "shot_list": {"shots": ["s.shot_10", "s.shot_1"]},
        "shots": {"s.shot_1": shot("BOB", 2.0), "s.shot_10": shot("DOG", 3.5)},
        "frames": {
            "s.shot_1.frame_1": frame(folder, 0.0),
            "s.shot_10.frame_1": frame(folder, 4.0),
            "s.shot_10.frame_2": frame(folder, 1.0),
        },
    }


def test_a_sheet_lists_each_shots_frames_in_order_of_time(tmp_path: Path) -> None:
    made = call_module("previs_contact_sheet_v1", sheet_inputs(tmp_path)).one("contact_sheet")
    assert made.data == {
        "heading": "INT. A & B - DAY",
        "sheet": "contact_sheet.html",
        "seconds": 5.5,
        "shots": [
            {"shot": "s.shot_10", "frames": ["s.shot_10.frame_2", "s.shot_10.frame_1"]},
            {"shot": "s.shot_1", "frames": ["s.shot_1.frame_1"]},
        ],
    }


def test_the_sheet_holds_the_pictures_itself(tmp_path: Path) -> None:
    context = FakeContext()
    made = call_module("previs_contact_sheet_v1", sheet_inputs(tmp_path), context=context)
    page = context.attached[made.one("contact_sheet").files[0]].decode()
    places = [
        page.index(base64.b64encode(f"picture at {at}".encode()).decode())
        for at in ("1.0", "4.0", "0.0")
    ]
    assert places == sorted(places)
    assert "INT. A &amp; B - DAY" in page
    assert "<p>&lt;Hi&gt;</p>" in page


def animatic(shot_lists: dict[str, list[str]], *order: str) -> Any:
    inputs = {
        "order": {"scenes": [{"id": scene, "number": None} for scene in order]},
        "shot_lists": {scene: {"shots": ids} for scene, ids in shot_lists.items()},
        "shots": {"a.shot_1": shot("BOB", 2.5), "b.shot_1": shot("DOG", 3.0)},
    }
    return call_module("previs_animatic_v1", inputs).one("animatic").data


def test_the_animatic_cuts_all_shots_one_after_the_other() -> None:
    made = animatic({"a": ["a.shot_1"], "b": ["b.shot_1"]}, "b", "a")
    assert [(cut["shot"], cut["start_seconds"]) for cut in made["cuts"]] == [
        ("b.shot_1", 0.0),
        ("a.shot_1", 3.0),
    ]
    assert (made["seconds"], made["running_time"]) == (5.5, "0:00:06")


def test_a_shot_or_a_scene_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModuleFailed, match=r"the shot list names a\.shot_2, which is no shot"):
        animatic({"a": ["a.shot_2"]}, "a")
    with pytest.raises(ModuleFailed, match="previs_order names b, which has no shot list"):
        animatic({"a": ["a.shot_1"]}, "b")
    inputs = {**sheet_inputs(tmp_path), "shot_list": {"shots": ["s.shot_3"]}}
    with pytest.raises(ModuleFailed, match=r"the shot list names s\.shot_3"):
        call_module("previs_contact_sheet_v1", inputs)
