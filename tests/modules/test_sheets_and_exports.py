"""A breakdown sheet for each scene, and the files that other programs import."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from jsonschema import Draft202012Validator

from tests.modules.module_bench import Film, film, ingest

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


def test_the_title_is_the_same_everywhere(tmp_path: Path) -> None:
    made = film(ingest(tmp_path, "Title: *Tides* of Unit_7\n\n" + TEXT.partition("\n\n")[2]))
    for name in ("strip_board.html", "breakdown_sheets.html", "schedule.uss"):
        text = made.attached[name].decode()
        assert "Tides of Unit_7" in text, name


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


@pytest.mark.slow
def test_a_crowded_scene_is_set_closely_and_keeps_to_one_sheet(tmp_path: Path) -> None:
    people = "".join(f"PERSON NUMBER {n}\nHello.\n\n" for n in range(60))
    things = "".join(f"[[Prop: thing number {n} with a rather long name]]\n\n" for n in range(70))
    text = f"INT. HALL - DAY\n\nA feast.\n\n{people}{things}INT. CELL - NIGHT\n\nNobody.\n"
    page = film(ingest(tmp_path, text)).attached["breakdown_sheets.html"].decode()
    crowded, empty = re.findall(r"<article([^>]*)>", page)
    assert 'class="dense" style="font-size: ' in crowded
    assert "dense" not in empty
    size = float(crowded.split("font-size: ")[1].split("pt")[0])
    assert 5 <= size < 9.5


@pytest.mark.slow
def test_kitsu_reads_its_tables_as_they_were_written(tmp_path: Path) -> None:
    """As its server does: plain UTF-8, the form of the table guessed by its first 8,192 letters."""
    text = TEXT.replace("#3#", "#1.5.#").replace("ANN\nHi.", '"ANN, JR."\nHi; "you"?')
    attached = film(ingest(tmp_path, text)).attached
    for name in ("kitsu_assets.csv", "kitsu_shots.csv", "kitsu_casting.csv"):
        content = attached[name].decode("utf-8")
        dialect = csv.Sniffer().sniff(content[:8192])
        dialect.doublequote = True
        assert list(csv.reader(io.StringIO(content), dialect=dialect)) == table(attached[name])
        assert not content.startswith("\ufeff")
    shots = table(attached["kitsu_shots.csv"])
    assert [row[1] for row in shots[1:]] == ["1", "1-5"]
    assert {row[1] for row in table(attached["kitsu_casting.csv"])[1:]} == {"1", "1-5"}
    names = [row[1] for row in table(attached["kitsu_assets.csv"])[1:]]
    assert 'ANN, JR."' in names


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


#: Every key of Universal Schedule Standard 1.0.0, by its description: all must be there, no other may.
_TEXT, _MAYBE = {"type": "string"}, {"type": ["string", "null"]}
_IDS = {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{24}$"}}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT00:00:00\.000Z$"}


def _object(**properties: Any) -> dict[str, Any]:
    keys = {"type": "object", "additionalProperties": False, "required": sorted(properties)}
    return {**keys, "properties": properties}


def _array(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_YES_OR_NO = {"type": "boolean"}
_WEEKDAYS = {"type": "array", "uniqueItems": True, "items": {"enum": [0, 1, 2, 3, 4, 5, 6]}}
_EVENT = _object(id=_TEXT, date=_DATE, type={"enum": ["start", "dayOff", "event"]}, name=_MAYBE)
_USS = _object(
    universalScheduleStandard=_object(
        **dict.fromkeys(["id", "name", "source", "ussVersion"], _TEXT),
        created=_DATE,
        **dict.fromkeys(["author", "company", "episode", "episodeName", "description"], _MAYBE),
        **dict.fromkeys(["project", "schedColor", "schedDate", "scriptColor"], _MAYBE),
        **dict.fromkeys(["scriptDate", "season"], _MAYBE),
        breakdowns=_array(
            _object(
                id=_TEXT,
                created=_DATE,
                elements=_IDS,
                pages={"type": ["number", "null"], "minimum": 0, "multipleOf": 0.125},
                duration={"type": ["number", "null"], "minimum": 0},
                type={"enum": ["scene", "banner"]},
                **dict.fromkeys(["bannerText", "comments", "description", "scene"], _MAYBE),
                scriptPage=_MAYBE,
            )
        ),
        categories=_array(
            _object(id=_TEXT, created=_DATE, name=_TEXT, ucid={"type": "integer", "minimum": 0})
        ),
        elements=_array(
            _object(
                **dict.fromkeys(["id", "category", "name"], _TEXT),
                created=_DATE,
                daysOff=_WEEKDAYS,
                dropDayCount={"type": "integer"},
                elementId=_MAYBE,
                events=_array(_EVENT),
                **dict.fromkeys(["isDood", "isDrop", "isHold", "isIdLock"], _YES_OR_NO),
                linkedElements=_IDS,
            )
        ),
        stripboards=_array(
            _object(
                id=_TEXT,
                name=_TEXT,
                calendar=_MAYBE,
                boards=_array(_object(id=_TEXT, name=_TEXT, breakdownIds=_array(_IDS))),
            )
        ),
        calendars=_array(_object(id=_TEXT, daysOff=_WEEKDAYS, events=_array(_EVENT), name=_TEXT)),
    )
)


def test_the_universal_schedule_holds_every_key_of_its_standard(
    whole: Film, tmp_path: Path
) -> None:
    for made in (whole, film(ingest(tmp_path, TEXT))):
        Draft202012Validator(_USS).validate(json.loads(made.attached["schedule.uss"]))


def test_the_universal_schedule_is_whole_in_itself(whole: Film) -> None:
    body = json.loads(whole.attached["schedule.uss"])["universalScheduleStandard"]
    breakdowns = {each["id"]: each for each in body["breakdowns"]}
    elements = {each["id"]: each for each in body["elements"]}
    categories = {each["id"]: each["ucid"] for each in body["categories"]}
    assert len(breakdowns) == len(body["breakdowns"])
    assert len(elements) == len(body["elements"])
    assert len(categories) == len(set(categories.values())) == len(body["categories"])
    assert {each["category"] for each in elements.values()} <= set(categories)
    assert {each for b in breakdowns.values() for each in b["elements"]} == set(elements)
    boards = {board["name"]: board["breakdownIds"] for board in body["stripboards"][0]["boards"]}
    days = [
        [(breakdowns[id]["type"], breakdowns[id]["scene"]) for id in day]
        for day in boards["stripboard"]
    ]
    assert days == [[("scene", "3")], [("scene", "1")]]
    assert sorted(id for day in boards["stripboard"] for id in day) == sorted(breakdowns)
    (calendar,) = body["calendars"]
    assert body["stripboards"][0]["calendar"] == calendar["id"]
    assert calendar["daysOff"] == [0]
    assert calendar["events"][0]["date"].startswith("2027-03-01")
    props = [each["name"] for each in elements.values() if categories[each["category"]] == 104]
    assert props == ["BRASS LAMP"]
    cast = [each for each in elements.values() if categories[each["category"]] == 100]
    assert all(each["isDood"] and each["elementId"].isdecimal() for each in cast)


def test_banners_are_strips_of_their_day(tmp_path: Path) -> None:
    plan = tmp_path / "schedule.yaml"
    plan.write_text("order: [3, 1]\nbanners: [{day: 1, text: TRAVEL}, {before: 1, text: LUNCH}]\n")
    body = json.loads(film(ingest(tmp_path, TEXT), schedule=plan).attached["schedule.uss"])
    strips = body["universalScheduleStandard"]["breakdowns"]
    assert [each["bannerText"] or each["scene"] for each in strips] == ["TRAVEL", "3", "LUNCH", "1"]
