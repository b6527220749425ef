"""Whatever marks a writer piles up, the script is read to its end, in order."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.depth import examples
from tests.modules.module_bench import breakdown, ingest, report

LINES = [
    *(
        "INT. A - DAY",
        "EXT. B--NIGHT #2#",
        ".FORCED",
        ".ÉCOLE #1#",
        "INT--DAY",
        "INT.",
        "I/E CAR",
        ". #1#",
    ),
    *(
        "BOB",
        "BOB (V.O.) (X)",
        "BOB ^",
        "JOSÉ^",
        "@x y",
        "@",
        "@(a)",
        "^",
        "(so)",
        "Words here.",
        "",
        "",
        "",
        "  ",
    ),
    *(
        "/*",
        "*/",
        "/* x */",
        "[[",
        "]]",
        "[[n]]",
        "# S",
        "##",
        "= syn",
        "=",
        "===",
        "~la",
        "~",
        "CUT TO:",
        "> T",
    ),
    *(
        "> C <",
        ">",
        "!",
        "!act",
        "*a*",
        "**",
        "_u_ **b",
        "\\*",
        "Title: x",
        "Author:",
        "    ind",
        "\u2028",
        "\x0c",
    ),
]
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(LINES),
        st.tuples(st.sampled_from(LINES), st.sampled_from(LINES)).map(" ".join),
    ),
    min_size=1,
    max_size=25,
).map("\n".join)


@pytest.mark.slow
@settings(max_examples=examples(50), deadline=None)
@given(TEXTS)
@example("INT.")
@example("!\nBOB\n/* x */\n*a*")
def test_any_pile_of_marks_is_read_to_its_end(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = ingest(Path(folder), f"{text}\n\nINT. LAST - DAY\n")
    assert script["elements"][-1]["text"] == "INT. LAST - DAY"
    lines = [element["line"] for element in script["elements"]]
    assert lines == sorted(lines)
    made = breakdown(script)
    assert breakdown(script, made) == made
    for scene in made["scene"].values():
        assert report(scene)["eighths"] >= 1
