"""The page stands alone, tells in words what its colours tell, and shows a script's text as text."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.modules.module_bench import SAMPLES, film, ingest

EVERYTHING = (SAMPLES / "every_construct.fountain").read_text(encoding="utf-8")
HOSTILE = (
    'Title: <script>alert("x")</script> {{ 7 * 7 }}\n\n'
    'INT. </style><img src=x onerror=alert(1)> - DAY #"><b>#\n\n'
    '{% raw %} & <iframe src="http://example.org"></iframe> A <BOMB>.\n\n'
    "@<I>BOB</I>\n</td></table>Hi.\n"
)


class Tags(HTMLParser):
    """The tags and attributes of a page, and which tags are never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(tmp_path: Path, text: str, eighths_a_day: int = 40) -> str:
    return film(ingest(tmp_path, text), eighths_a_day).attached["strip_board.html"].decode()


def text_of(page: str) -> str:
    body = page.partition("<body>")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


@pytest.mark.slow
@pytest.mark.parametrize("text", [EVERYTHING, HOSTILE])
def test_the_page_needs_nothing_from_anywhere(tmp_path: Path, text: str) -> None:
    tags = Tags(page(tmp_path, text))
    assert tags.open == []
    assert {tag for tag, _ in tags.seen}.isdisjoint({"script", "link", "img", "iframe", "object"})
    targets = [value for _, attrs in tags.seen for key, value in attrs.items() if key == "href"]
    assert all(target is not None and target.startswith("#") for target in targets)
    style = page(tmp_path, text).partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_what_the_script_says_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    shown = text_of(page(tmp_path, HOSTILE))
    assert '<script>alert("x")</script> {{ 7 * 7 }}' in shown
    assert "</style><img src=x onerror=alert(1)>" in shown
    assert "<I>BOB</I>" in shown


def test_strips_tell_place_and_light_in_colour_and_in_words(tmp_path: Path) -> None:
    headings = ["MONTAGE", "INT. A - DAY", "EXT. B - DAY", "INT. C - NIGHT", "EXT. D - NIGHT"]
    text = "".join(f".{heading}\n\nNobody.\n\n" for heading in headings)
    board = page(tmp_path, text).partition('id="board"')[2].partition("</section>")[0]
    strips = re.findall(
        r'<tr class="strip ([\w-]+)">.*?<td>(.*?)</td>\s*<td>(.*?)</td>', board, re.S
    )
    assert strips == [
        ("unknown", "–", "–"),
        ("interior-day", "INT", "Day"),
        ("exterior-day", "EXT", "Day"),
        ("interior-night", "INT", "Night"),
        ("exterior-night", "EXT", "Night"),
    ]


def test_every_section_is_there_with_lines_of_the_source(tmp_path: Path) -> None:
    shown = text_of(page(tmp_path, EVERYTHING, eighths_a_day=8))
    assert shown.startswith("EVERYTHING AT ONCE A TEST IN TWO ACTS written by Nobody")
    assert "10 scenes, 2 1/8 pages" in shown
    assert "3 shooting days (pages a day: up to 1)" in shown
    assert "Day 1: KITCHEN 1" in shown
    assert "One change of light a day at most." in shown
    assert "COPPER KEY 1" in shown
    assert "sign? (7)" in shown
    assert "It is on the wall." not in shown  # quotes are in cross_reference.csv
    assert "Script days Proposed by the light" in shown


def test_numbers_of_the_cast_stand_in_order_and_lead_to_the_list(tmp_path: Path) -> None:
    text = "INT. A - DAY\n\nANN\nHi.\n\nBEN\nHi. Hi.\n\nINT. B - DAY\n\nBEN\nHi.\n\nANN\nHi.\n"
    tags = Tags(page(tmp_path, text)).seen
    links = [attrs["href"] for tag, attrs in tags if tag == "a" and "cast-" in str(attrs["href"])]
    assert links[:4] == ["#cast-1", "#cast-2", "#cast-1", "#cast-2"]
    assert {"cast-1", "cast-2"} <= {attrs.get("id") for tag, attrs in tags if tag == "tr"}


def test_an_omitted_scene_keeps_its_place_on_the_board(tmp_path: Path) -> None:
    text = "INT. A - DAY #1#\n\nRope.\n\n.OMITTED #2#\n\nINT. A - NIGHT #3#\n\nRope.\n"
    whole = page(tmp_path, text)
    assert "2 scenes (and 1 omitted), 2/8 pages" in text_of(whole)
    assert "2 OMITTED 0/8" in text_of(whole)
    assert "Locations Location Parts Scenes Pages Shooting days A 1, 3 2/8 1" in text_of(whole)


def test_what_reading_is_not_sure_of_stands_on_the_page(tmp_path: Path) -> None:
    shown = text_of(page(tmp_path, "NARRATOR\nOnce upon a time.\n\nINT. A - DAY\n\nRope.\n"))
    assert "To look at in the script" in shown
    assert "NARRATOR" in shown.partition("To look at in the script")[2]


@pytest.mark.slow
def test_a_long_schedule_is_told_in_tables_of_equal_width(tmp_path: Path) -> None:
    scene = "INT. ROOM {} - DAY\n\nBob waits.\n\nBOB\nHi.\n\n"
    text = "".join(scene.format(number) for number in range(100))
    days = (
        page(tmp_path, text, eighths_a_day=1).partition('id="days"')[2].partition("</section>")[0]
    )
    captions = re.findall(r"<caption>(.*?)</caption>", days)
    assert captions == [f"Shooting days {a} to {b}" for a, b in ((1, 50), (51, 100))]


@pytest.mark.slow
def test_the_letters_of_the_day_out_of_days_shrink_until_it_fits_a_sheet(tmp_path: Path) -> None:
    scene = "INT. ROOM {} - DAY\n\nBob waits.\n\nBOB\nHi.\n\n"
    sizes = []
    for scenes in (5, 60):
        text = "".join(scene.format(number) for number in range(scenes))
        days = page(tmp_path, text, eighths_a_day=1).partition('id="days"')[2]
        (size,) = re.findall(r'<table class="calendar" style="font-size: ([\d.]+)pt">', days)
        sizes.append(float(size))
    assert sizes[0] == 8.0
    assert 4.5 <= sizes[1] < 6


def test_a_script_without_title_cast_or_props_has_a_page(tmp_path: Path) -> None:
    shown = text_of(page(tmp_path, "INT. ROOM - DAY\n"))
    assert shown.startswith("Untitled ")
    assert shown.endswith("None.")
