"""A Final Draft file gives the elements that the same screenplay gives in Fountain; what is none is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from cineforge import ModuleFailed
from tests.modules.module_bench import SAMPLES, breakdown, film, ingest, read_script

LIGHTHOUSE = (SAMPLES / "the_lighthouse.fdx").read_bytes()
SCRIPT = '<FinalDraft DocumentType="Script"><Content>{}</Content></FinalDraft>'
HEADING = '<Paragraph Type="Scene Heading"><Text>INT. HOUSE - DAY</Text></Paragraph>'


def read(tmp_path: Path, content: str | bytes, name: str = "story.fdx") -> dict[str, Any]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_script(path)


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


SETTINGS = """<ElementSettings Type="Beat"><FontSpec Style=""/><Behavior PaginateAs="Action"/></ElementSettings>
<ElementSettings Type="New Act"><FontSpec Style="Underline+AllCaps"/><ParagraphSpec StartsNewPage="Yes"/>
</ElementSettings>
<Revisions><Revision ID="1" Name="Blue Rev." PageColor="#AAAAFFFF" Mark="*"/></Revisions>
<SmartType><TimesOfDay Separator=" - "><TimeOfDay>Teatime Two</TimeOfDay></TimesOfDay></SmartType>"""
RICH = f"""<FinalDraft DocumentType="Script"><Content>
<Paragraph Type="New Act"><Text>Act one</Text></Paragraph>
<Paragraph Number="1" Type="Scene Heading"><SceneProperties Length="1 3/8" Page="1" Title="The loft"/>
<Text>INT. LOFT - TEATIME TWO</Text></Paragraph>
<Paragraph Type="Action"><Text>It is </Text><Text RevisionID="1">very</Text><Text> dark.</Text></Paragraph>
<Paragraph Type="Beat"><Text>Nobody moves.</Text></Paragraph>
<Paragraph Number="2" Type="Scene Heading"><Text>Omitted</Text><OmittedScene>
<Paragraph Type="Scene Heading"><SceneProperties Length="2/8">
<Summary><Paragraph><Text>Cut.</Text></Paragraph></Summary>
</SceneProperties><Text>EXT. YARD - DUSK</Text></Paragraph>
<Paragraph Type="Character"><Text>GHOST</Text></Paragraph><Paragraph Type="Dialogue"><Text>Boo.</Text></Paragraph>
</OmittedScene></Paragraph>
<Paragraph Number="2A" Type="Scene Heading"><Text>EXT. ROOF - LATER</Text></Paragraph>
<Paragraph Type="Dialogue"><Text>Who says this?</Text></Paragraph>
</Content>{SETTINGS}</FinalDraft>"""


@pytest.fixture
def rich(tmp_path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    path = tmp_path / "rich.fdx"
    path.write_text(RICH, encoding="utf-8")
    script = read_script(path)
    return script, breakdown(script)


def test_nothing_of_an_omitted_scene_leaks(rich: tuple[dict[str, Any], dict[str, Any]]) -> None:
    script, made = rich
    assert "GHOST" not in str(script) + str(made)
    assert "YARD" not in str(script) + str(made)
    assert "Cut." not in str(script) + str(made)
    rows = [(row["number"], row.get("omitted", False)) for row in made["scene_index"]["scenes"]]
    assert rows == [("1", False), ("2", True), ("2A", False)]


def test_length_title_and_revisions_are_the_files_own(
    rich: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    script, made = rich
    scene = made["scene"]["scene_1"]
    assert (scene["length"], scene["title"]) == (11, "The loft")
    assert script["revisions"] == [{"id": 1, "name": "Blue Rev.", "colour": "#AAAAFFFF"}]
    assert made["scene_index"]["scenes"][0]["revisions"] == [
        {"id": 1, "name": "Blue Rev.", "colour": "#AAAAFFFF", "elements": 1}
    ]


def test_types_of_the_writers_own_are_read_by_what_they_paginate_as(
    rich: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    script, made = rich
    actions = [e["text"] for e in script["elements"] if e["type"] == "action"]
    assert actions == ["It is very dark.", "Nobody moves."]
    assert made["scene_index"]["scenes"][0]["sections"] == ["ACT ONE"]
    assert [(w["code"], w["line"]) for w in script["warnings"]] == [("speech-without-cue", 7)]


def test_times_of_the_writers_own_list_are_times(
    rich: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    slug = rich[1]["scene"]["scene_1"]["slug"]
    assert (slug["location"], slug["time_of_day"]) == ("LOFT", "TEATIME TWO")


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


def test_a_strip_names_the_revision_that_changed_its_scene(tmp_path: Path) -> None:
    revisions = "<Revisions><Revision ID='2' Name='Pink Rev.' Color='#000000'/></Revisions>"
    text = f"{HEADING}<Paragraph Type='Action'><Text RevisionID='2'>New.</Text></Paragraph>"
    document = (
        f"<FinalDraft DocumentType='Script'><Content>{text}</Content>{revisions}</FinalDraft>"
    )
    assert film(read(tmp_path, document)).board["rows"][0]["revisions"] == ["Pink Rev."]


def test_the_space_that_a_file_sets_before_headings_counts_to_their_scenes(tmp_path: Path) -> None:
    lines = "<Paragraph Type='Action'><Text>A.</Text></Paragraph>" * 6
    text = (
        "<FinalDraft DocumentType='Script'><Content>{0}{1}</Content><ElementSettings Type='Scene Heading'>"
        "<ParagraphSpec SpaceBefore='{2}'/></ElementSettings></FinalDraft>"
    )
    counted = {
        space: film(read(tmp_path, text.format(HEADING, lines, space))).reports["scene_1"]
        for space in (12, 24)
    }
    assert [counted[space]["lines"] for space in (12, 24)] == [14, 15]
    assert [counted[space]["eighths"] for space in (12, 24)] == [3, 3]


@pytest.mark.parametrize(
    ("own", "shown"), [("4/8", 4), ("3/8", 3), ("2/8", 2), ("1 4/8", 3), ("", 3)]
)
def test_final_drafts_own_length_is_shown_as_long_as_it_fits_the_text(
    tmp_path: Path, own: str, shown: int
) -> None:
    heading = HEADING.replace("<Text>", f"<SceneProperties Length='{own}'/><Text>")
    lines = "<Paragraph Type='Action'><Text>A.</Text></Paragraph>" * 6
    whole = film(read(tmp_path, SCRIPT.format(heading + lines)))
    assert whole.board["rows"][0]["eighths"] == shown
