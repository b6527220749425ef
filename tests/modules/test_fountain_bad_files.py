"""A file that cannot be a screenplay is refused with its name, the line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge import ModuleFailed
from cineforge.testing import FakeContext, call_module
from tests.modules.module_bench import ingest

HEAD = "INT. HOUSE - DAY\n\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "story.fountain: the file is empty"),
        (b"\xef\xbb\xbf \n\t\n", "story.fountain: the file is empty"),
        (
            b"INT. A - DAY\n\nCaf\xe9\n",
            "story.fountain:3: byte 0xe9 is not UTF-8: save the file as UTF-8",
        ),
        (b"INT. A - DAY\r\rCaf\xe9\r", "story.fountain:3: byte 0xe9"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "story.fountain: the file is no text"),
        (b"\xff\xfea", "story.fountain: the file is no text \\(utf-16-le"),
        ("INT. A - DAY".encode("utf-16-le"), "story.fountain:1: control character U\\+0000"),
        (b"INT. A - DAY\n\nx\x00y\n", "story.fountain:3: control character U\\+0000"),
        (b"INT. A - DAY\n\n\x1b[0m\n", "story.fountain:3: control character U\\+001B"),
        (
            b"Once upon a time.\n",
            "story.fountain has no scene: a scene heading is .* 'INT. KITCHEN - DAY'",
        ),
        (b"/* INT. A - DAY\n\nAll cut. */", "story.fountain has no scene"),
        (b"Hello.\n\n/* INT. A - DAY\n", "has no scene \\(line 3: a comment opened"),
    ],
)
def test_what_is_no_screenplay_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(ModuleFailed, match=complaint):
        ingest(tmp_path, content)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[" * 500_000, ":3: the line has 500,000 characters"),
        ("ok\n\n" + "a" * 20_001, ":5: the line has 20,001 characters, 20,000 are allowed"),
        ("[[" * 51, ":3: more than 50 notes"),
        ("*a " * 2_001, ":3: more than 2,000 marks"),
        ("A" + " " * 250 + "(", ":3: 250 blanks in a row"),
        ("A" + "\t" * 250 + "(", ":3: 250 blanks in a row"),
        ("a\n" * 5_001, ":5003: 5,000 lines without a blank one"),
        ("a\n\n" * 50_000, "100,003 lines are more than the 100,000 allowed"),
        ("a" * 10_000_000, "10,000,018 bytes are more than the 10,000,000 allowed"),
    ],
)
def test_what_would_take_the_parser_for_ever_is_refused(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(
        ModuleFailed, match=f"story.fountain{'' if complaint[0] == ':' else ': '}{complaint}"
    ):
        ingest(tmp_path, HEAD + text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("[[ never closed\n\n" * 8_000, 8_001),
        ("/* never closed\n\n" * 8_000, 8_001),
        ("* ** *** _ __\n\n" * 8_000, 8_001),
        ("/* a */ b " * 900 + "\n\n", 2),
        (("[[a]] " * 50 + "\n\n") * 2_500, 125_001),
        (("A" + "(" * 19_000 + "\nx\n\n") * 20, 41),
    ],
)
def test_hostile_markup_within_the_limits_is_read_to_the_end(
    tmp_path: Path, text: str, elements: int
) -> None:
    assert len(ingest(tmp_path, HEAD + text)["elements"]) == elements


def test_many_notes_before_all_else_are_read_to_the_end(tmp_path: Path) -> None:
    notes = ("[[n]]\n" * 4_000 + "\n") * 4
    assert len(ingest(tmp_path, notes + HEAD + "a\nb\n\n" * 4_000)["elements"]) == 20_001


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    context = FakeContext(sources={"source": tmp_path / "gone.fountain"})
    with pytest.raises(ModuleFailed, match=r"gone\.fountain cannot be read: No such file"):
        call_module("fountain_ingest_v1", context=context)
