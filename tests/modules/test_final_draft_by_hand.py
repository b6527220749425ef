"""Final Draft files as other programs and hands write them: namespaces, attributes missing, runs within runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.modules.final_draft_files import read
from tests.modules.module_bench import breakdown, film

UGLY = """<?xml version='1.0' encoding="UTF-8" standalone="no" ?>
<!-- by hand --><fd:FinalDraft xmlns:fd="urn:some" Version="5">
<fd:Revisions><fd:Revision ID="2" Color="#112233"/><fd:Revision ID="x" Name="bad"/><fd:Revision/></fd:Revisions>
<fd:TagData><fd:TagCategories><fd:TagCategory Id="c1" Name="Props"/><fd:TagCategory Id="c2"/></fd:TagCategories>
<fd:TagDefinitions><fd:TagDefinition Id="d1" CatId="c1"/><fd:TagDefinition Id="d2" CatId="c2" Label="Some thing"/>
</fd:TagDefinitions><fd:Tags><fd:Tag Number="1"><fd:DefId> d1 </fd:DefId></fd:Tag><fd:Tag Number="2"><fd:DefId>d2
</fd:DefId></fd:Tag><fd:Tag><fd:DefId>gone</fd:DefId></fd:Tag></fd:Tags></fd:TagData>
<fd:SmartType><fd:SceneIntros><fd:SceneIntro>Sisä</fd:SceneIntro><fd:SceneIntro/></fd:SceneIntros>
<fd:TimesOfDay><fd:TimeOfDay>hämärä</fd:TimeOfDay><fd:TimeOfDay/></fd:TimesOfDay></fd:SmartType>
<fd:ElementSettings Type="SLUG"><fd:Behavior PaginateAs="my heading"/></fd:ElementSettings>
<fd:ElementSettings Type="My Heading"><fd:Behavior PaginateAs="Scene Heading"/></fd:ElementSettings>
<fd:ElementSettings Type="loop"><fd:Behavior PaginateAs="loop2"/></fd:ElementSettings>
<fd:ElementSettings Type="loop2"><fd:Behavior PaginateAs="loop"/></fd:ElementSettings>
<fd:ElementSettings Type="SPEAKER"><fd:FontSpec Style="Bold+AllCaps"/><fd:Behavior PaginateAs="Character"/>
</fd:ElementSettings><fd:ElementSettings/>
<fd:Content>
<fd:Paragraph Type="New Scene"><fd:Text>Scene a</fd:Text></fd:Paragraph>
<fd:Paragraph Number="1" Type="SLUG"><fd:Text>SISÄ. KEITTIÖ - HÄMÄRÄ</fd:Text></fd:Paragraph>
<fd:Paragraph Type="Speaker"><fd:Text>ro</fd:Text><fd:Text>sa</fd:Text></fd:Paragraph>
<fd:Paragraph Type="dialogue"><fd:Text>Hello <fd:Text Style="Bold" RevisionID="2">dear</fd:Text> friend.</fd:Text>
</fd:Paragraph><fd:Paragraph Type="Scene Heading" Number=" 2 "><fd:Text/></fd:Paragraph>
<fd:Paragraph><fd:Text TagNumber="1">Lamp</fd:Text><fd:Text> and a </fd:Text><fd:Text TagNumber="2,9">bin</fd:Text>
<fd:Text RevisionID="-1">.</fd:Text></fd:Paragraph>
<fd:Paragraph Type="Scene Heading"/>
<fd:Paragraph Type="loop"><fd:Text>Loops.</fd:Text></fd:Paragraph>
<fd:Paragraph Type="Action">Bare <fd:Text>Dogs.<fd:ScriptNote><fd:Paragraph><fd:Text>noted</fd:Text></fd:Paragraph>
</fd:ScriptNote> More.</fd:Text></fd:Paragraph>
</fd:Content></fd:FinalDraft>"""


@pytest.fixture
def script(tmp_path: Path) -> dict[str, Any]:
    return read(tmp_path, UGLY)


def test_namespaces_runs_within_runs_and_missing_types_lose_no_text(script: dict[str, Any]) -> None:
    assert [(e["type"], e["text"]) for e in script["elements"]] == [
        ("section", "Scene a"),
        ("scene_heading", "SISÄ. KEITTIÖ - HÄMÄRÄ"),
        ("character", "ROSA"),
        ("dialogue", "Hello dear friend."),
        ("scene_heading", "—"),
        ("action", "Lamp and a bin."),
        ("action", "Loops."),
        ("action", "Bare Dogs. More."),
        ("note", "noted"),
    ]
    assert script["elements"][3]["emphasis"] == [{"start": 6, "end": 10, "style": "bold"}]


def test_a_heading_without_text_is_a_scene_by_its_number_alone_and_told(
    script: dict[str, Any],
) -> None:
    rows = film(script).board["rows"]
    assert [(row["number"], row["location"]) for row in rows] == [("1", "KEITTIÖ"), ("2", None)]
    assert [group["message"] for group in script["warning_groups"]] == [
        "2 scene headings without text (lines 5, 7)",
        "paragraphs of the type 'loop' are not known; read as action (line 8)",
    ]


def test_a_tag_without_a_label_is_named_by_its_text_and_without_a_category_is_a_note(
    script: dict[str, Any],
) -> None:
    elements = film(script).board["rows"][1]["elements"]
    assert (elements["props"], elements["notes"]) == (["Lamp"], ["Some thing"])


def test_what_headings_begin_with_comes_from_the_writers_own_list(script: dict[str, Any]) -> None:
    slug = breakdown(script)["scene"]["scene_1"]["slug"]
    assert (slug["int_ext"], slug["location"], slug["time_of_day"]) == (None, "KEITTIÖ", "HÄMÄRÄ")


def test_a_revision_without_a_name_shows_its_colour(script: dict[str, Any]) -> None:
    rows = film(script).board["rows"]
    assert [row["revisions"] for row in rows] == [["#112233"], []]
