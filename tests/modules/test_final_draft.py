"""A Final Draft file gives the elements that the same screenplay gives in Fountain; what is none is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from cineforge import ModuleFailed
from tests.modules.final_draft_files import HEADING, SCRIPT, read
from tests.modules.module_bench import SAMPLES, film, ingest, read_script

LIGHTHOUSE = (SAMPLES / "the_lighthouse.fdx").read_bytes()


def after_heading(tmp_path: Path, paragraphs: str) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = read(tmp_path, SCRIPT.format(HEADING + paragraphs))["elements"]
    return elements[1:]


def test_every_kind_of_paragraph_is_read(tmp_path: Path) -> None:
    script = read(tmp_path, LIGHTHOUSE)
    assert [(e["line"], e["type"], e["text"]) for e in script["elements"]] == [
        (1, "transition", "FADE IN:"),
        (2, "scene_heading", "INT. LIGHTHOUSE - LAMP ROOM - NIGHT"),
        (2, "synopsis", "Mara finds the lamp dead."),
        (3, "action", "MARA, 40s, climbs in. The BRASS LAMP is dark."),
        (4, "character", "Mara"),
        (5, "parenthetical", "(to herself)"),
        (6, "dialogue", "Forty years and never once.\nNot once."),
        (8, "action", "She strikes a match & waits."),
        (8, "note", "Which lens?"),
        (9, "character", "MARA"),
        (10, "dialogue", "Who is there?"),
        (11, "character", "OLD TOM"),
        (12, "dialogue", "It is me."),
        (13, "page_break", ""),
        (13, "scene_heading", "EXT. DUNES - DAWN"),
        (14, "action", "Nobody. A ship far out."),
        (15, "lyrics", "The lamp goes out with the tide"),
        (16, "centered", "THE END"),
    ]
    assert script["warnings"] == []


def test_numbers_extensions_dual_sides_and_emphasis_are_kept(tmp_path: Path) -> None:
    elements = read(tmp_path, LIGHTHOUSE)["elements"]
    assert [e["number"] for e in elements if e["type"] == "scene_heading"] == ["1", "2A"]
    cues = [e for e in elements if e["type"] == "character"]
    assert [e.get("extensions") for e in cues] == [["V.O.", "CONT'D"], None, ["O.S."]]
    assert [e["line"] for e in elements if "dual" in e] == [9, 10, 11, 12]
    marked = [
        (e["text"][s["start"] : s["end"]], s["style"])
        for e in elements
        for s in e.get("emphasis", ())
    ]
    assert marked == [("BRASS LAMP", "bold"), ("never", "italic")]


def test_the_title_page_is_read_line_by_line(tmp_path: Path) -> None:
    assert read(tmp_path, LIGHTHOUSE)["title_page"] == [
        {"key": "title", "value": "The Lighthouse"},
        {"key": "credit", "value": "written by"},
        {"key": "author", "value": "nobody in particular"},
    ]


def test_all_that_follows_works_as_for_fountain(tmp_path: Path) -> None:
    whole = film(read(tmp_path, LIGHTHOUSE))
    assert [row["id"] for row in whole.found["characters"]] == ["mara", "old_tom"]
    assert [row["name"] for row in whole.found["props"]] == ["BRASS LAMP", "match"]
    assert whole.reports["scene_1"]["dual_dialogues"] == 1
    assert whole.found["characters"][0]["last_line"]["line"] == 10


def test_the_same_scene_is_the_same_in_both_forms(tmp_path: Path) -> None:
    paragraphs = (
        '<Paragraph Type="Action"><Text>He waits.</Text></Paragraph>'
        '<Paragraph Type="Character"><Text>BOB (O.S.)</Text></Paragraph>'
        '<Paragraph Type="Dialogue"><Text>Hello.</Text></Paragraph>'
    )
    mine = read(tmp_path, SCRIPT.format(HEADING + paragraphs))["elements"]
    other = ingest(tmp_path, "INT. HOUSE - DAY\n\nHe waits.\n\nBOB (O.S.)\nHello.\n")["elements"]
    assert [{**e, "line": 0} for e in mine] == [{**e, "line": 0} for e in other]


def test_capitals_that_only_the_style_makes_are_written_out(tmp_path: Path) -> None:
    given = '<Paragraph Type="Action"><Text>A </Text><Text Style="AllCaps">bell</Text></Paragraph>'
    assert [e["text"] for e in after_heading(tmp_path, given)] == ["A BELL"]


def test_paragraphs_of_unknown_type_are_action_and_are_warned_of(tmp_path: Path) -> None:
    paragraph = '<Paragraph Type="Crawl"><Text>Long ago.</Text></Paragraph>'
    script = read(tmp_path, SCRIPT.format(HEADING + paragraph))
    assert script["elements"][1] == {"type": "action", "text": "Long ago.", "line": 2}
    assert [(w["line"], w["code"]) for w in script["warnings"]] == [(2, "unknown-paragraph-type")]


def test_xml_is_known_by_its_content_whatever_the_file_is_called(tmp_path: Path) -> None:
    assert read(tmp_path, LIGHTHOUSE, "story.xml") == read(tmp_path, LIGHTHOUSE)
    wide = LIGHTHOUSE.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert read(tmp_path, wide, "STORY.FDX") == read(tmp_path, LIGHTHOUSE)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
THIEF = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
REFERENCE = SCRIPT.format(HEADING.replace("HOUSE", "&a;"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "story.fdx:1: this is no XML"),
        (b"\x00\x01binary", "story.fdx:1: this is no XML"),
        (b"INT. HOUSE - DAY\n\nBob.\n", "story.fdx:1: this is no XML .*: save it from Final Draft"),
        (b"<FinalDraft>\n<Content>\n", "story.fdx:3: this is no XML \\(no element found\\)"),
        (b'<?xml version="1.0" encoding="klingon"?><FinalDraft/>', "story.fdx.*: "),
        (b"<html></html>", "story.fdx: its first element is <html>, not <FinalDraft>"),
        (b"<FinalDraft></FinalDraft>", "story.fdx: it has no <Content>"),
        (SCRIPT.format("").encode(), "story.fdx has no scene: each scene begins with a paragraph"),
        ((BOMB + REFERENCE).encode(), "story.fdx: it declares a document type or entities"),
        ((THIEF + REFERENCE).encode(), "story.fdx: it declares a document type or entities"),
        ((b"<a>" * 300_000), "story.fdx:1: this is no XML"),
        (
            SCRIPT.format("<Paragraph/>" * 100_001).encode(),
            "story.fdx: more than 100,000 paragraphs: split the script",
        ),
    ],
)
def test_what_is_no_final_draft_file_is_refused(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    with pytest.raises(ModuleFailed, match=complaint):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        *[
            (name, "section")
            for name in ("Cold Opening", "New Act", "Act Break", "Teaser", "Tag", "ACT ONE")
        ],
        *[
            (name, "section")
            for name in ("Act & Scene Break", "Show/Ep. Title", "Scene", "Episode Title")
        ],
        *[(name, "centered") for name in ("End of Act", "End Of Act", "END OF SHOW")],
        *[(name, "action") for name in ("Shot", "Cast List", "General", "Normal Text")],
    ],
)
def test_types_of_the_templates_are_known_in_every_spelling(
    tmp_path: Path, named: str, kind: str
) -> None:
    path = tmp_path / "tv.fdx"
    other = f"<Paragraph Type={quoteattr(named)}><Text>Words</Text></Paragraph>"
    heading = '<Paragraph Type="Scene Heading"><Text>INT. A - DAY</Text></Paragraph>'
    path.write_text(
        f"<FinalDraft><Content>{heading}{other}</Content></FinalDraft>", encoding="utf-8"
    )
    script = read_script(path)
    assert script["elements"][1]["type"] == kind
    assert script["warnings"] == []


@pytest.mark.slow
def test_a_stretch_of_text_may_bear_several_tags(tmp_path: Path) -> None:
    tags = (
        "<TagData><TagCategories><TagCategory Id='c1' Name='Animals'/>"
        "<TagCategory Id='c2' Name='Animal Wrangler'/></TagCategories><TagDefinitions>"
        "<TagDefinition CatId='c1' Id='d1' Label='Grey mule'/><TagDefinition CatId='c2' Id='d2' Label='Joe'/>"
        "</TagDefinitions><Tags><Tag Number='7'><DefId>d1</DefId><DefId>d2</DefId></Tag></Tags></TagData>"
    )
    text = f"{HEADING}<Paragraph Type='Action'><Text TagNumber='7'>the mule</Text></Paragraph>"
    document = f"<FinalDraft DocumentType='Script'><Content>{text}</Content>{tags}</FinalDraft>"
    row = film(read(tmp_path, document)).board["rows"][0]
    assert row["elements"]["animals"] == ["Grey mule", "Joe"]


def test_what_paginates_as_a_heading_is_a_scene_only_if_it_reads_like_one(tmp_path: Path) -> None:
    settings = (
        "<ElementSettings Type='Slugline'><Behavior PaginateAs='Scene Heading'/></ElementSettings>"
    )
    text = (
        f"{HEADING}<Paragraph Type='Slugline'><Text>THE SHED</Text></Paragraph>"
        "<Paragraph Type='Slugline'><Text>EXT. YARD - DAY</Text></Paragraph>"
        "<Paragraph Type='Slugline' Number='3'><Text>THE POND</Text></Paragraph>"
    )
    document = f"<FinalDraft DocumentType='Script'><Content>{text}</Content>{settings}</FinalDraft>"
    kinds = [(e["type"], e["text"]) for e in read(tmp_path, document)["elements"]]
    assert kinds == [
        ("scene_heading", "INT. HOUSE - DAY"),
        ("action", "THE SHED"),
        ("scene_heading", "EXT. YARD - DAY"),
        ("scene_heading", "THE POND"),
    ]
