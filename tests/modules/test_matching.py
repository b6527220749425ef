"""Members keep their ids across edits, and no id is ever used again."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cineforge.running.matching import MatchItem, match_ids
from tests.depth import examples

WORDS = [
    f"{a}{b}" for a in ("ka", "lo", "mi", "ne", "pu", "ri") for b in ("da", "fe", "go", "hu", "ja")
]
HEADINGS = ["INT. HOUSE - DAY", "INT. HOUSE - NIGHT", "EXT. BEACH - DAY"]


def item(text: str, heading: str = "INT. HOUSE - DAY") -> MatchItem:
    return MatchItem(content=f"{heading}|{text}", heading=heading, text=text)


def prose(seed: int, words: int = 40) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def some(count: int, headings: int = 3) -> list[MatchItem]:
    return [item(prose(seed), HEADINGS[seed % headings]) for seed in range(count)]


def numbered(items: list[MatchItem]) -> dict[str, MatchItem]:
    return {f"scene_{number}": one for number, one in enumerate(items, 1)}


def match(
    previous: dict[str, MatchItem], new: list[MatchItem], used: set[str] | None = None
) -> list[str]:
    return match_ids(previous, new, used=used or set(previous), prefix="scene_")


def test_the_first_time_ids_count_from_one() -> None:
    assert match({}, some(3)) == ["scene_1", "scene_2", "scene_3"]


def test_new_numbers_are_above_all_ever_used() -> None:
    assert match({}, some(2), used={"scene_7", "scene_x", "shot_90"}) == ["scene_8", "scene_9"]


def test_identical_contents_pair_in_order() -> None:
    same = [item("again and again")] * 3
    assert match(numbered(same), same) == ["scene_1", "scene_2", "scene_3"]
    assert match(numbered(same), same[:2]) == ["scene_1", "scene_2"]


def test_a_rewritten_member_keeps_its_id_by_its_heading() -> None:
    old = [item(prose(1), "INT. A - DAY"), item(prose(2), "INT. B - DAY")]
    new = [item(prose(8), "INT. B - DAY"), item(prose(9), "int. a -- day")]
    assert match(numbered(old), new) == ["scene_2", "scene_1"]


def test_a_renamed_member_keeps_its_id_by_its_text() -> None:
    old = [item(prose(1), "INT. A - DAY"), item(prose(2), "INT. B - DAY")]
    new = [item(prose(2), "EXT. C - DAY"), item(prose(1), "EXT. D - DAY")]
    assert match(numbered(old), new) == ["scene_2", "scene_1"]


def test_one_of_several_under_a_heading_is_found_by_its_text() -> None:
    old = some(3, headings=1)
    edited = item(old[2].text.replace("ka", "so", 1) + " end")
    assert match(numbered(old), [edited]) == ["scene_3"]


def test_under_a_heading_what_is_unlike_all_pairs_in_order() -> None:
    old = some(3, headings=1)
    new = [item("quite other words stand here"), item("and others once more there")]
    assert match(numbered(old), new) == ["scene_1", "scene_2"]


def test_text_that_merely_shares_words_is_something_new() -> None:
    old = [item(prose(1), "INT. A - DAY")]
    shuffled = prose(1).split()
    random.Random(5).shuffle(shuffled)
    assert match(numbered(old), [item(" ".join(shuffled), "INT. B - DAY")]) == ["scene_2"]


def test_members_without_text_pair_by_heading_alone() -> None:
    old = [item("", "INT. A - DAY"), item("", "INT. B - DAY")]
    assert match(numbered(old), [item("", "INT. B - DAY"), item("", "INT. C - DAY")]) == [
        "scene_2",
        "scene_3",
    ]


def test_a_vanished_member_gets_its_id_back_for_equal_content_alone() -> None:
    a, b, c = some(3)
    gone = {"scene_1": a, "scene_2": item(f"{b.text} more", b.heading)}
    new = [c, a, b]
    ids = match_ids({"scene_3": c}, new, used=set(), prefix="scene_", vanished=lambda: gone)
    assert ids == ["scene_3", "scene_1", "scene_4"]


def test_who_vanished_is_asked_only_when_something_has_no_equal() -> None:
    def asked() -> dict[str, MatchItem]:
        raise ZeroDivisionError

    items = some(2)
    with pytest.raises(ZeroDivisionError):
        match_ids({}, items, used=set(), prefix="scene_", vanished=asked)
    previous = numbered(items)
    found = match_ids(previous, items, used=set(), prefix="scene_", vanished=asked)
    assert found == list(previous)


@pytest.mark.slow
@pytest.mark.parametrize("texts", ["slightly edited", "rewritten"])
def test_two_thousand_members_changed_at_once_are_matched(texts: str) -> None:
    old = some(2_000)
    if texts == "rewritten":
        new = [item(prose(seed), HEADINGS[seed % 3]) for seed in range(9_999, 11_999)]
    else:
        new = [item(f"{one.text} more", "EXT. ELSEWHERE - DAY") for one in old]
    assert match(numbered(old), new) == list(numbered(old))


counts = st.integers(1, 12)
seeds = st.integers(0, 1_000_000)


@st.composite
def collections(draw: st.DrawFn) -> list[MatchItem]:
    texts = draw(st.lists(st.integers(0, 30), min_size=1, max_size=12))
    return [item(prose(seed), draw(st.sampled_from(HEADINGS))) for seed in texts]


@given(collections())
def test_nothing_changes_when_nothing_changed(items: list[MatchItem]) -> None:
    assert match(numbered(items), items) == list(numbered(items))


@given(collections(), collections(), st.sets(st.integers(1, 40)))
def test_ids_are_unique_and_never_used_before(
    old: list[MatchItem], new: list[MatchItem], numbers: set[int]
) -> None:
    previous = numbered(old)
    used = {f"scene_{number}" for number in numbers} | set(previous)
    ids = match(previous, new, used)
    assert len(ids) == len(set(ids)) == len(new)
    fresh = set(ids) - set(previous)
    assert not fresh & used


@settings(max_examples=examples(60))
@given(counts, st.sampled_from(["insert", "cut", "swap", "edit", "retitle"]), seeds)
def test_one_change_leaves_all_other_ids_alone(count: int, change: str, seed: int) -> None:
    chance = random.Random(seed)
    items = some(count)
    ids = list(numbered(items))
    new, expected = list(items), list(ids)
    place, other = chance.randrange(count), chance.randrange(count)
    if change == "insert":
        new.insert(place, item(prose(99), "EXT. MOON - NIGHT"))
        expected.insert(place, f"scene_{count + 1}")
    elif change == "cut":
        del new[place], expected[place]
    elif change == "swap":
        new[place], new[other] = new[other], new[place]
        expected[place], expected[other] = expected[other], expected[place]
    elif change == "edit":
        new[place] = item(f"{new[place].text} and so on", new[place].heading)
    else:
        new[place] = item(new[place].text, "EXT. MOON - NIGHT")
    assert match(numbered(items), new) == expected
