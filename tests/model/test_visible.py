"""What people see is text, whatever it was made of."""

from __future__ import annotations

import io
import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from cineforge.model.display.visible import VisibleStream, brief, visible, visible_line

#: Also halves of surrogate pairs, which Python makes of file names that are no UTF-8.
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from("a\n\r\t\x1b\x07\x7f\x9b\x9d\u202e\u2066\u200b\ufeff\u2028\udc80\U000e0041")
)


def is_raw(letter: str) -> bool:
    """Would a terminal do something else than show it?"""
    if letter in "\n\u200c\u200d\u00ad":
        return False
    return unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(
        letter
    ) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


@given(ANY_TEXT)
def test_no_control_but_the_newline_is_left(text: str) -> None:
    assert not any(map(is_raw, visible(text)))
    assert "\n" not in visible_line(text)
    visible(text).encode("utf-8")
    assert visible(visible(text)) == visible(text)


@given(ANY_TEXT)
def test_json_is_the_same_json_afterwards(text: str) -> None:
    for indent in (None, 1):
        written = json.dumps({"text": text, text: 1}, ensure_ascii=False, indent=indent)
        assert json.loads(visible(written)) == json.loads(written)


@given(ANY_TEXT, st.sampled_from(["ascii", "latin-1", "utf-8", "cp1252"]))
def test_any_text_can_be_written_in_any_locale(text: str, encoding: str) -> None:
    raw = io.BytesIO()
    beneath = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    print(json.dumps(text, ensure_ascii=False), file=VisibleStream(beneath), flush=True)
    assert json.loads(raw.getvalue().decode(encoding)) == json.loads(json.dumps(text))


def test_words_in_scripts_that_need_joiners_stay_as_they_are() -> None:
    for text in ("می‌خواهم", "👩‍🚀", "naïve café", "日本語"):
        assert visible(text) == text


def test_what_is_quoted_at_length_is_cut_in_the_middle() -> None:
    text = brief(f"there is no artifact '{'x' * 5000}'")
    assert len(text) < 300
    assert "(5,002 letters)" in text
    assert len(brief("many words " * 5000)) < 2500
    assert brief("a message\nof two lines") == "a message\nof two lines"
