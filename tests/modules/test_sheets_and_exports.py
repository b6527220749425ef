"""A breakdown sheet for each scene, and the files that other programs import."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from pathlib import Path

import pytest
from icalendar import Calendar
from module_bench import Film, film, ingest

TEXT = (
    "Title: *Tides* & <b>\n\n"
    "INT. PIER - DAY #1#\n\nANN (40) lifts a BRASS LAMP. A FLUXOMAT hums. TWO SAILORS wait.\n\n"
    "ANN\nHi.\n\n[[Wardrobe: oilskin]]\n\n"
    ".OMITTED #2#\n\n"
    "EXT. PIER - NIGHT #3#\n\nAnn leaves. BEN follows.\n\nBEN (V.O.)\nWait.\n\n"
)


@pytest.fixture
def whole(tmp_path: Path) -> Film:
    schedule = tmp_path / "schedule.yaml"
    schedule.write_text("start: 2027-03-01\ndays_off: [sunday]\norder: [3, 1]\nday_breaks: [3]\n")
    return film(ingest(tmp_path, TEXT), schedule=schedule)


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_each_scene_to_be_shot_has_a_sheet_with_boxes_by_category(whole: Film) -> None:
    page = whole.attached["breakdown_sheets.html"].decode()
    sheets = re.findall(r"<article.*?</article>", page, re.S)
    shown = [" ".join(html.unescape(re.sub(r"<[^>]*>", " ", each)).split()) for each in sheets]
    assert len(shown) == 2
    assert "Scene 1 Int/Ext INT Day/Night day Pages 2/8 Script day D1" in shown[0]
    assert "Shooting day 2 (2027-03-02)" in shown[0]
    assert "Cast 1. ANN Background TWO SAILORS" in shown[0]
    assert "Props BRASS LAMP" in shown[0]
    assert "Wardrobe oilskin" in shown[0]
    assert "FLUXOMAT (to check)" in shown[0]
    assert "BEN (voice)" in shown[1] or "BEN" in shown[1]
    assert "<b>" not in page.partition("<h1>")[2].partition("</h1>")[0]


def test_kitsu_gets_assets_shots_and_casting(whole: Film) -> None:
    assets = table(whole.attached["kitsu_assets.csv"])
    assert assets[0] == ["Type", "Name", "Description"]
    assert ["Characters", "ANN", "Cast number 1"] in assets
    assert ["Props", "BRASS LAMP", ""] in assets
    assert ["Environment", "PIER", ""] in assets
    shots = table(whole.attached["kitsu_shots.csv"])
    assert [row[1] for row in shots] == ["Sequence", "1", "3"]
    known = {(kind, name) for kind, name, _ in assets[1:]}
    casting = table(whole.attached["kitsu_casting.csv"])
    assert casting[0] == ["Episode", "Parent", "Name", "Asset Type", "Asset", "Occurences", "Label"]
    assert {(row[3], row[4]) for row in casting[1:]} <= known
    assert {row[1] for row in casting[1:]} == {"1", "3"}


def test_studiobinder_gets_a_row_for_each_scene(whole: Film) -> None:
    rows = [
        dict(zip(*pair, strict=False)) for pair in _rows(table(whole.attached["studiobinder.csv"]))
    ]
    assert [row["Scene"] for row in rows] == ["1", "3"]
    assert (rows[0]["Int/Ext"], rows[0]["Set"], rows[0]["Props"]) == ("INT", "PIER", "BRASS LAMP")


def _rows(lines: list[list[str]]) -> list[tuple[list[str], list[str]]]:
    return [(lines[0], line) for line in lines[1:]]


def test_the_shooting_days_are_a_calendar(whole: Film) -> None:
    events = Calendar.from_ical(whole.attached["shooting_days.ics"]).walk("VEVENT")
    assert [event.decoded("dtstart").isoformat() for event in events] == [
        "2027-03-01",
        "2027-03-02",
    ]
    assert "EXT. PIER - NIGHT" in str(events[0]["description"])
    assert len({str(event["uid"]) for event in events}) == 2


def test_without_dates_there_is_no_calendar(tmp_path: Path) -> None:
    attached = film(ingest(tmp_path, TEXT)).attached
    assert "shooting_days.ics" not in attached
    assert "schedule.uss" in attached


def test_the_universal_schedule_is_whole_in_itself(whole: Film) -> None:
    body = json.loads(whole.attached["schedule.uss"])["universalScheduleStandard"]
    breakdowns = {each["id"]: each for each in body["breakdowns"]}
    elements = {each["id"]: each for each in body["elements"]}
    assert len(breakdowns) == len(body["breakdowns"])
    assert len(elements) == len(body["elements"])
    listed = [each for category in body["categories"] for each in category["elements"]]
    assert sorted(listed) == sorted(elements)
    assert {each for b in breakdowns.values() for each in b["elements"]} == set(elements)
    order = [id for board in body["stripboards"][0]["boards"] for id in board["breakdownIds"]]
    assert sorted(order) == sorted(breakdowns)
    kinds = [(breakdowns[each]["type"], breakdowns[each]["scene"]) for each in order]
    assert kinds == [("scene", "3"), ("day", ""), ("scene", "1"), ("day", "")]
    calendar = body["calendars"][0]
    assert calendar["daysOff"] == [0]
    assert calendar["events"][0]["date"].startswith("2027-03-01")
    numbers = {category["catId"]: category["elements"] for category in body["categories"]}
    assert [elements[each]["name"] for each in numbers[104]] == ["BRASS LAMP"]
