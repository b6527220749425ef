"""Lengths of scenes beside those that Final Draft itself saved. `lengths/` holds the layouts of ten double-spaced
(multi-camera) scripts, an `x` for each letter: settings, paragraphs and Final Draft's lengths are as it wrote them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.lengths import lengths
from tests.modules.module_bench import breakdown, read_script

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
    assert off[0] + off[1] >= 60


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
