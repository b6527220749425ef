"""Files out of a project: whole, nothing else, and readable by those they are for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from cineforge.drafts.export_files import write_otio, write_pdf
from cineforge.model.errors import CineForgeError


class Animatic:
    """Stands for a project that holds an animatic alone."""

    def as_of_today(self, named: str) -> Any:
        assert named == "animatic"
        cuts = [
            {"scene": "scene_1", "number": "1", "shot": "scene_1.shot_1", "seconds": 2.5},
            {"scene": "scene_1", "number": "1", "shot": "scene_1.shot_2", "seconds": 1.0},
            {"scene": "scene_2", "number": None, "shot": "scene_2.shot_1", "seconds": 4.0},
        ]
        return {"cuts": cuts}


def test_the_animatic_is_a_timeline_of_its_shots(tmp_path: Path) -> None:
    project: Any = Animatic()
    timeline = otio.adapters.read_from_file(str(write_otio(project, tmp_path / "out")))
    clips = list(timeline.find_clips())
    assert [clip.name for clip in clips] == ["scene_1.shot_1", "scene_1.shot_2", "scene_2.shot_1"]
    assert timeline.duration().to_seconds() == 7.5
    assert [marker.name for clip in clips for marker in clip.markers] == ["1", "scene_2"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["animatic.otio"]


@pytest.mark.slow
def test_a_page_becomes_a_pdf_of_the_paper_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", exc_type=OSError)  # type: ignore[arg-type]
    page = tmp_path / "page.html"
    page.write_text("<h1>One</h1><img src='http://example.invalid/x.png'>", encoding="utf-8")
    made = write_pdf(page, "Letter").read_bytes()
    assert made.startswith(b"%PDF")
    assert write_pdf(page, "A4").read_bytes() != made


def test_without_its_library_a_pdf_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(CineForgeError, match=r"pip install 'cineforge\[pdf\]'"):
        write_pdf(tmp_path / "page.html", "A4")
