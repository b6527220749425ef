"""Lengths in printed lines and eighths, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.modules.module_bench import helper

layout = helper("page_layout")


def e(kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "text": text, **more}


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, 1),
        ("ten chars.", 10, 1),
        ("ten chars. x", 10, 2),
        ("aaaa bbbb cccc", 9, 2),
        ("aaaa\nbbbb", 10, 2),
        ("a" * 25, 10, 3),
        ("xx " + "a" * 25, 10, 4),
        ("a" * 25 + " xxxx", 10, 3),
        ("a" * 25 + " xxxxx", 10, 4),
        ("a" * 20 + " x", 10, 3),
    ],
)
def test_text_is_broken_between_words(text: str, width: int, lines: int) -> None:
    assert layout.wrapped_lines(text, width) == lines


def test_a_scene_of_one_heading_takes_its_line_and_a_blank_one() -> None:
    assert layout.scene_lines({"heading": "INT. HOUSE - DAY", "elements": []}) == 2


def test_every_block_is_followed_by_one_blank_line() -> None:
    elements = [
        e("action", "a" * 61 + " b"),  # 2 lines, 1 blank
        e("character", "BOB"),  # 1
        e("parenthetical", "(so)"),  # 1
        e("dialogue", "a" * 35 + " b"),  # 2, 1 blank
        e("transition", "CUT TO:"),  # 1, 1 blank
    ]
    assert layout.printed_lines(elements) == 3 + 5 + 2
    assert layout.scene_lines({"heading": "INT. HOUSE - DAY", "elements": elements}) == 12


def test_notes_sections_and_synopses_take_no_room() -> None:
    elements = [e("note", "n"), e("synopsis", "s"), e("section", "s", level=1), e("page_break", "")]
    assert layout.printed_lines(elements) == 0


def test_the_sides_of_a_dual_dialogue_share_their_lines() -> None:
    left = [
        e("character", "A", dual=True),
        e("dialogue", "a" * 29 + " b", dual=True),
    ]  # 1 + 2, 1 blank
    right = [e("character", "B", dual=True), e("dialogue", "x\ny\nz", dual=True)]  # 1 + 3, 1 blank
    assert layout.printed_lines(left) == 4
    assert layout.printed_lines(left + right) == 5
    assert layout.printed_lines(left + right + left + right) == 10


@pytest.mark.parametrize(
    ("lines", "eighths"), [(1, 1), (6, 1), (7, 2), (13, 2), (14, 3), (55, 8), (56, 9)]
)
def test_eighths_are_rounded_up(lines: int, eighths: int) -> None:
    assert layout.eighths(lines) == eighths


@pytest.mark.parametrize(
    ("eighths", "text"), [(0, "0"), (1, "1/8"), (7, "7/8"), (8, "1"), (11, "1 3/8"), (16, "2")]
)
def test_eighths_are_written_as_people_do(eighths: int, text: str) -> None:
    assert layout.pages_text(eighths) == text
