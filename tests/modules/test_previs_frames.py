"""Frames are real pictures, drawn and charged for alike every time."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

from cineforge import ModuleFailed, Output
from cineforge.testing import FakeContext, call_module
from tests.modules.module_bench import helper

SHOT = {"size": "close", "subject": "BOB", "description": "Hello there, dog.", "seconds": 9.0}


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and the colour indexes of each row of a palette PNG, all checksums verified."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks: dict[bytes, bytes] = {}
    place = 8
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", png, place + 8 + length) == (zlib.crc32(kind + data),)
        chunks[kind] = data
        place += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour) == (8, 3)
    raw = zlib.decompress(chunks[b"IDAT"])
    assert len(raw) == height * (width + 1)
    rows = [raw[start : start + width + 1] for start in range(0, len(raw), width + 1)]
    assert all(row[0] == 0 for row in rows)
    assert max(map(max, rows)) < len(chunks[b"PLTE"]) / 3
    return width, height, [row[1:] for row in rows]


def frames(shot: dict[str, Any] = SHOT, **params: Any) -> tuple[dict[str, Output], FakeContext]:
    context = FakeContext("scene_7.shot_1")
    made = call_module("previs_frames_v1", {"shot": shot}, params, context=context)
    return made.many("frame"), context


def framed(aspect_ratio: object) -> Any:
    """The first frame's payload in a project with this aspect ratio."""
    project_values = {"aspect_ratio": aspect_ratio, "what_it_does_not_declare": "unseen"}
    made = call_module("previs_frames_v1", {"shot": SHOT}, project_values=project_values)
    return made.many("frame")["frame_1"].data


def test_a_png_holds_the_pixels_it_was_given() -> None:
    png = helper("png").palette_png(3, [(255, 0, 0), (0, 0, 255)], [b"\0\1\0", b"\1\1\1"])
    assert pixels(png) == (3, 2, [b"\0\1\0", b"\1\1\1"])


def test_a_frame_is_drawn_every_few_seconds() -> None:
    made, context = frames(every_seconds=4)
    assert [made[f"frame_{n}"].data["at_seconds"] for n in (1, 2, 3)] == [0.0, 4.0, 8.0]
    assert len(made) == 3
    assert {output.files for output in made.values()} == {
        ("frame_1.png",),
        ("frame_2.png",),
        ("frame_3.png",),
    }
    assert set(context.attached) == {"frame_1.png", "frame_2.png", "frame_3.png"}


def test_a_picture_has_the_size_that_its_payload_says() -> None:
    made, context = frames()
    for output in made.values():
        width, height, _ = pixels(context.attached[output.data["image"]])
        assert (width, height) == (output.data["width"], output.data["height"])


def test_the_same_shot_is_drawn_alike() -> None:
    assert frames()[1].attached == frames()[1].attached


def test_other_words_or_another_moment_make_another_picture() -> None:
    first, second, third = frames()[1].attached.values()
    assert len({first, second, third}) == 3
    assert frames({**SHOT, "description": "Bye."})[1].attached["frame_1.png"] != first


@pytest.mark.parametrize(
    ("aspect_ratio", "width"), [("2.39:1", 172), ("1.85:1", 133), ("4:3", 96), ("9:16", 40)]
)
def test_pictures_have_the_projects_aspect_ratio(aspect_ratio: str, width: int) -> None:
    assert framed(aspect_ratio)["width"] == width


@pytest.mark.parametrize("wrong", ["wide", "2.39", "1:0", "0:1", "90:1", "-2:1", 2.39, None])
def test_an_aspect_ratio_that_is_none_is_told(wrong: object) -> None:
    with pytest.raises(ModuleFailed, match="write width:height between 1:4 and 4:1"):
        framed(wrong)


def test_every_picture_is_charged_for() -> None:
    _, context = frames()
    assert [cost.model for cost in context.costs] == ["mock-image-1"] * 3
    assert all(cost.estimated_cost_usd > 0.04 for cost in context.costs)


def test_the_first_attempts_can_be_asked_to_fail_after_paying() -> None:
    context = FakeContext()
    with pytest.raises(ModuleFailed, match="at attempt 1"):
        call_module("previs_frames_v1", {"shot": SHOT}, {"fail_attempts": 1}, context=context)
    assert len(context.costs) == 3
