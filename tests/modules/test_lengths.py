"""Lengths of scenes beside those that Final Draft itself saved. `lengths/` holds the layouts of ten double-spaced
(multi-camera) scripts, an `x` for each letter: settings, paragraphs and Final Draft's lengths are as it wrote them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.lengths import lengths
from tests.modules.module_bench import breakdown, read_script, report

LAYOUTS = Path(__file__).with_name("lengths")
_HEAD = '<FinalDraft DocumentType="Script"><Content>'
_SETTINGS = (
    '</Content><ElementSettings Type="New Act"><ParagraphSpec SpaceBefore="132" Spacing="1"/></ElementSettings>'
    '<PageLayout TopMargin="72" BottomMargin="72"/></FinalDraft>'
)


def _paragraph(kind: str, text: str) -> str:
    return f'<Paragraph Type="{kind}"><Text>{text}</Text></Paragraph>'


def test_double_spaced_scripts_are_as_long_as_final_draft_counts_them() -> None:
    found = [pair for path in sorted(LAYOUTS.glob("*.fdx")) for pair in lengths(path)]
    ours, theirs = sum(own for own, _ in found), sum(their for _, their in found)
    assert len(found) == 62
    assert abs(ours - theirs) <= 0.05 * theirs
    off = Counter(abs(own - their) for own, their in found)
    assert off[0] + off[1] == 62


def test_the_heading_of_an_act_counts_to_the_scene_before_unless_that_act_has_ended(
    tmp_path: Path,
) -> None:
    scene, act = _paragraph("Scene Heading", "INT. DEN - DAY"), _paragraph("New Act", "SCENE B")
    end = _paragraph("End of Act", "END OF ACT ONE") + _paragraph("Action", "FADE IN:")
    path = tmp_path / "story.fdx"
    path.write_text(_HEAD + scene + act + scene + end + act + scene + _SETTINGS, encoding="utf-8")
    assert [
        (scene.get("space_behind"), scene["page_lines"])
        for scene in breakdown(read_script(path))["scene"].values()
    ] == [(12.0, 54.0), (None, 54.0), (None, 54.0)]


def _first_scene(tmp_path: Path, content: str, settings: str = "") -> dict[str, Any]:
    path = tmp_path / "story.fdx"
    path.write_text(f"{_HEAD}{content}</Content>{settings}</FinalDraft>", encoding="utf-8")
    scene: dict[str, Any] = breakdown(read_script(path))["scene"]["scene_1"]
    return scene


def test_only_a_type_named_end_of_act_ends_what_counts_to_a_scene(tmp_path: Path) -> None:
    scene, act = _paragraph("Scene Heading", "INT. DEN - DAY"), _paragraph("New Act", "ACT TWO")
    for named, room in (("END OF ACT", None), ("End of Show", 2.0), ("End of Act info", 2.0)):
        first = _first_scene(tmp_path, scene + _paragraph(named, "END") + act + scene)
        assert first.get("space_behind") == room


def test_eleven_points_are_a_line_where_a_file_writes_them_so(tmp_path: Path) -> None:
    """Final Draft 8 and 9."""
    kinds = {"Action": 11, "New Act": 132}
    settings = "".join(
        f'<ElementSettings Type="{kind}"><ParagraphSpec SpaceBefore="{space}"/></ElementSettings>'
        for kind, space in kinds.items()
    )
    scene = _paragraph("Scene Heading", "INT. DEN - DAY") + _paragraph("Action", "Rain.")
    act = _paragraph("New Act", "B")
    old = _first_scene(tmp_path, scene + act + scene, settings)
    new = _first_scene(tmp_path, scene + act + scene, settings.replace('"11"', '"12"'))
    assert ("space_before" in old["elements"][0], old["space_behind"]) == (False, 13.0)
    assert new["space_behind"] == 12.0


def test_paragraphs_without_text_take_room_within_a_scene_alone(tmp_path: Path) -> None:
    scene, empty = _paragraph("Scene Heading", "INT. DEN - DAY"), _paragraph("Action", " ")
    told = scene + empty * 6 + _paragraph("Action", "Rain.")
    assert report(_first_scene(tmp_path, told))["lines"] == 2 + 12 + 2
    assert report(_first_scene(tmp_path, told + empty * 6 + scene))["lines"] == 2 + 12 + 2


def test_spacing_of_a_heading_counts_to_its_scene(tmp_path: Path) -> None:
    heading = '<Paragraph Type="Scene Heading" Spacing="2"><Text>INT. DEN - DAY</Text></Paragraph>'
    assert report(_first_scene(tmp_path, heading))["lines"] == 3
