"""What a Final Draft file says of itself: its types, times, revisions, length; what it omits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.modules.final_draft_files import HEADING, SCRIPT, read
from tests.modules.module_bench import breakdown, film, read_script

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
