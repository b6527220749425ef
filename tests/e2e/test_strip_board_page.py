"""The page as a real browser prints it, on both sizes of paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.patience import PATIENCE

from .conftest import ROOT, Project

BROWSER = shutil.which("chromium")
PDF_TO_TEXT = shutil.which("pdftotext")
PAPERS = {"A4": (595, 842), "letter": (612, 792)}

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not BROWSER, reason="needs Chromium (apt install chromium)"),
    pytest.mark.skipif(not PDF_TO_TEXT, reason="needs pdftotext (apt install poppler-utils)"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a screenplay of sixty scenes, made by the real recipe."""
    home = tmp_path_factory.mktemp("page")
    generator = ROOT / "samples" / "make_screenplay.py"
    made = subprocess.run(
        ["python3", str(generator), "--scenes", "60"], capture_output=True, text=True, check=True
    )
    (home / "long.fountain").write_text(made.stdout, encoding="utf-8")
    project = Project(home / "film")
    story = ("--story", str(home / "long.fountain"))
    project.cineforge("init", str(project.folder), "--recipe", "screenplay", *story)
    project.snakemake()
    head = (project.folder / "current" / "board_page" / "_.json").resolve().parent
    return (head / "files" / "strip_board.html").read_text(encoding="utf-8")


def printed(page: str, paper: str, folder: Path) -> list[list[str]]:
    """The lines of text on each printed page."""
    # The page leaves the paper to the printer; a browser without one is told here.
    (folder / "page.html").write_text(
        page.replace(
            "</style>",
            f"@page {{ size: {paper} }} @page wide {{ size: {paper} landscape }}</style>",
        ),
        encoding="utf-8",
    )
    pdf = folder / "page.pdf"
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
        "--disable-background-networking --disable-component-update --no-pdf-header-footer"
    )
    assert BROWSER is not None and PDF_TO_TEXT is not None
    subprocess.run(
        [
            BROWSER,
            *flags.split(),
            f"--user-data-dir={folder / 'browser'}",
            f"--print-to-pdf={pdf}",
            (folder / "page.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    text = subprocess.run(
        [PDF_TO_TEXT, "-layout", str(pdf), "-"], check=True, capture_output=True, text=True
    ).stdout
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf.read_bytes())
    sizes = {(round(float(w)), round(float(h))) for w, h in boxes}
    assert sizes == {PAPERS[paper], PAPERS[paper][::-1]}  # the day-out-of-days lies on its side
    return [sheet.splitlines() for sheet in text.split("\f")[:-1]]


@pytest.mark.parametrize("paper", PAPERS)
def test_all_scenes_and_days_are_printed_under_repeated_heads(
    page: str, paper: str, tmp_path: Path
) -> None:
    sheets = printed(page, paper, tmp_path)
    assert 8 <= len(sheets) <= 16
    assert [sheet[-1].split() for sheet in sheets] == [
        [str(number), "/", str(len(sheets))] for number in range(1, len(sheets) + 1)
    ]
    starts = {
        title: next(n for n, sheet in enumerate(sheets) if sheet and sheet[0].strip() == title)
        for title in ("One-liner", "Schedule", "Day-out-of-days", "Cast")
    }
    board = sheets[: starts["One-liner"]]
    assert all(re.search(r"Scene +I/E +D/N +Heading", "\n".join(sheet)) for sheet in board)
    strip = re.compile(r"^ *\(?(\d+)\)? +(?:INT|EXT|I/E|–) +(?:Day|Night|–) +\S", re.M)
    numbers = [int(n) for sheet in board for n in strip.findall("\n".join(sheet))]
    assert numbers == list(range(1, 61))
    assert starts["Cast"] == starts["Day-out-of-days"] + 1
    schedule = sheets[starts["One-liner"] : starts["Schedule"]]
    shot = [int(n) for sheet in schedule for n in strip.findall("\n".join(sheet))]
    assert sorted(shot) == list(range(1, 61))
    for sheet in schedule:
        last = [line for line in sheet if line.strip()][-2]
        assert not re.match(r" *Day \d+:", last), "a day's head stands apart from its first scene"
