"""Headings as a script has them: omitted, in other languages, in the place of the scene before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.module_bench import breakdown, ingest


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("20 OMITTED", "20"),
        ("20 OMITTED 20", "20"),
        ("21-23 OMITTED", "21-23"),
        ("24A - 24C OMITTED", "24A - 24C"),
        ("SCENE 25 OMITTED", "25"),
        (".SCENES 26 THROUGH 28 OMITTED", "26-28"),
        ("SCENES 26 THRU 28 OMITTED", "26-28"),
        ("26 THRU 28 OMITTED", "26-28"),
        ("26 TO 28A OMITTED", "26-28A"),
        ("OMITTED 26", "26"),
        ("OMITTED 26-28", "26-28"),
        ("(SCENE 26 OMITTED)", "26"),
        ("[26 OMITTED]", "26"),
        ("SCENE 26 - DELETED", "26"),
        ("26* OMITTED *", "26"),
        ("*OMITTED* #26#", "26"),
        (".SC. OMITTED #29#", "29"),
        ("OMITTED #30#", "30"),
        ("INT. HALL - DAY - OMITTED #31#", "31"),
        ("INT. HALL - DAY (OMITTED) #32#", "32"),
        ("OMITTED - INT. HALL - DAY #33#", "33"),
        (".SCENE NOT USED #34#", "34"),
    ],
)
def test_omitted_however_it_is_written(tmp_path: Path, line: str, number: str | None) -> None:
    text = f"INT. COTTAGE - DAY #1#\n\nSomething.\n\n{line}\n\nEXT. END - DAY #99#\n\nSomething.\n"
    made = breakdown(ingest(tmp_path, text))
    rows = made["scene_index"]["scenes"]
    assert "*" not in made["scene"][rows[1]["id"]]["heading"]
    assert [(row["number"], row.get("omitted", False)) for row in rows] == [
        ("1", False),
        (number, True),
        ("99", False),
    ]
    assert sorted(each["name"] for each in made["location"].values()) == ["COTTAGE", "END"]


@pytest.mark.parametrize(
    ("heading", "int_ext", "place", "light"),
    [
        ("INNEN/TAG - MARKT", "interior", "MARKT", "day"),
        ("AUẞEN. DACH - NACHT", "exterior", "DACH", "night"),
        ("SZENE 4 INNEN. DACH - EINE STUNDE SPÄTER", "interior", "DACH", None),
        ("EXTÉRIEUR JOUR – RUE", "exterior", "RUE", "day"),
        ("INT. CAVE. DEUX HEURES PLUS TARD", "interior", "CAVE", None),
        ("INT. CASA - UN POCO MÁS TARDE", "interior", "CASA", None),
        ("ИНТ. КУХНЯ – ЧЕРЕЗ ДВА ДНЯ", "interior", "КУХНЯ", None),
        ("СЦЕНА 5. НАТ. ДВОР. ДЕНЬ", "exterior", "ДВОР", "day"),
        ("WN. KUCHNIA - CHWILĘ PÓŹNIEJ", "interior", "KUCHNIA", None),
        ("○ 山田家・台所（夜）", None, "山田家", "night"),
        ("シーン５　屋外　公園　昼", "exterior", "公園", "day"),
        ("场景 3 内景 厨房 夜", "interior", "厨房", "night"),
        ("第3场 内景 厨房 夜", "interior", "厨房", "night"),
        ("3、厨房 内 夜", "interior", "厨房", "night"),
        ("１　台所（朝）", None, "台所", "day"),
        ("シーン２　公園・夜", None, "公園", "night"),
        ("场景四：外 公园 黄昏", "exterior", "公园", "dusk"),
        ("第十二场 内景 厨房 夜", "interior", "厨房", "night"),
        ("INT. COZINHA - NOITE", "interior", "COZINHA", "night"),
        ("EXT. PRAÇA - UMA HORA DEPOIS", "exterior", "PRAÇA", None),
        ("INT. KØKKEN - NAT", "interior", "KØKKEN", "night"),
        ("UDENDØRS. GADE - LIDT SENERE", "exterior", "GADE", None),
        ("INT. STUE - KVELD", "interior", "STUE", "night"),
        ("BINNEN. KEUKEN - OCHTEND", "interior", "KEUKEN", "day"),
    ],
)
def test_other_languages_are_found_out_behind_numbers_too(
    tmp_path: Path, heading: str, int_ext: str | None, place: str, light: str | None
) -> None:
    made = breakdown(ingest(tmp_path, f"{heading}\n\nA.\n\n{heading}\n\nB.\n"))
    read = made["scene"]["scene_1"]["slug"]
    assert (read["int_ext"], read["location"], read["light"]) == (int_ext, place, light)


def test_the_same_place_is_that_of_the_scene_before(tmp_path: Path) -> None:
    text = "○ 山田家・台所（夜）\n\n静か。\n\n○ 同・居間（翌朝）\n\n朝。\n\n○ 公園（昼）\n\n風。\n"
    made = breakdown(ingest(tmp_path, text))
    second = made["scene"]["scene_2"]["slug"]
    assert (second["location"], second["sublocations"], second["day_night"]) == (
        "山田家",
        ["居間"],
        "day",
    )
    assert sorted(each["name"] for each in made["location"].values()) == ["公園", "山田家"]


def test_capitals_english_knows_speak_no_other_language(tmp_path: Path) -> None:
    script = ingest(tmp_path, "INTERIOR COTTAGE - NIGHT\n\nA.\n\nEXTERIOR: MILL, DAY\n\nB.\n")
    assert script["vocabulary"]["languages"] == ["en"]


@pytest.mark.parametrize(
    ("heading", "place", "light", "mark"),
    [
        ("FLASHBACK - INT. TOWER - NIGHT", "TOWER", "night", "flashback"),
        ("FLASHBACK: EXT. TOWER - DAY", "TOWER", "day", "flashback"),
        ("MONTAGE -- INT. TOWER -- DAY", "TOWER", "day", "montage"),
        ("FLASH-BACK - INT. TOWER - NIGHT", "TOWER", "night", "flashback"),
        ("(FLASHBACK) INT. TOWER - DAY", "TOWER", "day", "flashback"),
        ("DREAM SEQUENCE - INT. TOWER - NIGHT", "TOWER", "night", "dream"),
    ],
)
def test_a_remark_may_stand_before_a_heading(
    tmp_path: Path, heading: str, place: str, light: str, mark: str
) -> None:
    made = breakdown(ingest(tmp_path, f"INT. HALL - DAY\n\nA.\n\n{heading}\n\nB.\n"))
    second = made["scene"]["scene_2"]
    assert (second["slug"]["location"], second["slug"]["light"]) == (place, light)
    assert made["scene_index"]["scenes"][1]["marks"] == [mark]


@pytest.mark.parametrize(
    ("headings", "languages"),
    [
        (["INT. KÖK - NATT", "EXT. GÅRD - DAG"], ["en", "sv"]),
        (["INT. KJØKKEN - NATT", "EXT. GATE - DAG"], ["en", "nb"]),
        (["INT. KØKKEN - NAT", "EXT. GADE - DAG"], ["en", "da"]),
        (["INT. KÜCHE - MORGEN", "INNEN. HOF - NACHT"], ["de", "en"]),
        (["INT. CUISINE - NUIT", "INNEN. HOF - NACHT"], ["de", "en", "fr"]),
    ],
)
def test_of_languages_that_share_words_only_those_that_are_needed_are_found(
    tmp_path: Path, headings: list[str], languages: list[str]
) -> None:
    script = ingest(tmp_path, "".join(f"{heading}\n\nx.\n\n" for heading in headings))
    assert script["vocabulary"]["languages"] == languages


def test_a_time_without_a_divider_in_unknown_words_is_told_and_read_once_it_is_named(
    tmp_path: Path,
) -> None:
    places = ("KONYHA", "KIS UTCA", "KERT")
    headings = [f"INT. {place} {time}" for place in places for time in ("NAPPAL", "ÉJSZAKA")]
    text = "".join(f"{heading}\n\nx.\n\n" for heading in headings)
    (group,) = ingest(tmp_path, text)["warning_groups"]
    assert group["message"] == (
        "6 headings end in words that may be times of day in no known language, read as part of places: NAPPAL,"
        " ÉJSZAKA; name them in vocabulary.yaml, as in 'night: [NAPPAL]' (lines 1, 5, 9, 13, 17 and 1 more)"
    )
    english = ["INT. POLICE STATION", "INT. TRAIN STATION", "EXT. TRAIN", "INT. HUT - DAY"]
    text = "".join(f"{heading}\n\nx.\n\n" for heading in [*english, "EXT. SEA NIGHT"])
    assert ingest(tmp_path, text)["warning_groups"] == []


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        (["INT. KEITTIÖ - YÖ", "EXT. PIHA - PÄIVÄ"], "YÖ, PÄIVÄ"),
        (["INT. KEITTIÖ - YÖ", "EXT. PIHA - YÖ", "EXT. PIER - DAY"], "YÖ"),
        (["INT. FLAT - KITCHEN", "INT. HOUSE - KITCHEN", "INT. HUT - KITCHEN - DAY"], None),
        (["INT. FLAT - KITCHEN", "INT. FLAT - HALL", "EXT. PIER - DAY"], None),
    ],
)
def test_what_may_be_a_time_in_unknown_words_is_told_and_where_to_name_it(
    tmp_path: Path, headings: list[str], told: str | None
) -> None:
    script = ingest(tmp_path, "".join(f"{heading}\n\nx.\n\n" for heading in headings))
    assert [group["message"] for group in script["warning_groups"]] == (
        [
            "2 headings end in words that may be times of day in no known language, read as rooms:"
            f" {told}; name them in vocabulary.yaml, as in 'night: [YÖ]' (lines 1, 5)"
        ]
        if told
        else []
    )
