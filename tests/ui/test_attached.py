"""Attached files are shown, and are never pages of ours; no path leads out of a version."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from cineforge import Project
from cineforge.store import ArtifactStore

from .conftest import PAGE, PNG, SAID, Pages


def test_a_page_is_sent_as_it_is_and_can_do_nothing(pages: Pages) -> None:
    answer = pages.get("/file/verse/verse_1/1/page.html")
    assert answer.content == PAGE
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "allow-" not in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_of_another_kind_is_to_be_kept_not_shown(pages: Pages) -> None:
    answer = pages.get("/file/verse/verse_1/1/odd name é.bin")
    assert answer.content == b"\0\1"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert (
        pages.get("/file/verse/verse_1/1/page.html?keep=1")
        .headers["content-disposition"]
        .startswith("attachment")
    )


def test_the_artifact_frames_a_page_in_a_sandbox(pages: Pages) -> None:
    text = pages.text("/artifact/verse/verse_1")
    assert '<iframe sandbox title="page.html"' in text
    assert "/thumbnail/verse/verse_1/1/pictures/one.png" in text


def test_the_first_pages_are_framed_wherever_they_stand_among_the_files(pages: Pages) -> None:
    files = {f"a{number}.txt": b"text" for number in range(5)}
    files |= {f"page_{number}.html": PAGE for number in range(5)}
    with ArtifactStore(pages.folder) as store:
        store.save_artifact("tale", None, {"draft": 2}, SAID, files=files)
    framed = re.findall(r'<iframe sandbox title="([^"]*)"', pages.text("/artifact/tale/_"))
    assert framed == ["page_0.html", "page_1.html", "page_2.html"]


def test_a_picture_is_made_small(pages: Pages) -> None:
    answer = pages.get("/thumbnail/verse/verse_1/1/pictures/one.png")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"
    assert pages.get("/file/verse/verse_1/1/pictures/one.png").content == PNG
    assert pages.get("/thumbnail/verse/verse_1/1/page.html").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        *("../data.json", "..%2fdata.json", "%2e%2e/data.json", "../../../../../../etc/passwd"),
        *(
            "/etc/passwd",
            "%2fetc%2fpasswd",
            "..%5cdata.json",
            "pictures/../../meta.json",
            "pictures",
        ),
        *("", "page.html%00", "PAGE.HTML", "pictures//one.png"),
    ],
)
def test_only_what_the_record_lists_is_sent(pages: Pages, name: str) -> None:
    for kind in ("file", "thumbnail"):
        answer = pages.get(f"/{kind}/verse/verse_1/1/{name}")
        assert answer.status_code in (404, 405)
        assert "root:" not in answer.text
        assert "words of" not in answer.text


@pytest.mark.parametrize(
    "place",
    [
        *("/file/..%2f..%2f/x/1/a", "/file/verse/..%2fverse_2/1/page.html", "/artifact/..%2f../x"),
        *(
            "/artifact/verse/%2e%2e%2f",
            "/artifact/verse/verse_1%00",
            "/edit/../../x",
            "/why/x%2f../y",
        ),
        *(
            "/runs/..%2f..%2fetc",
            "/runs/%2e%2e",
            "/runs/..%2fx/log?instance=x",
            "/runs/..%2fx/events",
        ),
        *(
            "/artifact/verse/verse_1?version=../../1",
            "/artifact/verse/verse_1?version=99999999999999999",
        ),
        *("/diff?a=../../etc/passwd&b=tale", "/graph?focus=../..", "/artifact/verse/" + "x" * 5000),
    ],
)
def test_names_that_are_no_names_are_refused(pages: Pages, place: str) -> None:
    answer = pages.get(place)
    assert answer.status_code in (404, 400)
    assert "Traceback" not in answer.text


def planted(folder: Path, what: Path) -> Path:
    """A link in the place of an attached file, of the size that was sealed."""
    place = folder / "artifacts/verse/verse_1/v0001/files/page.html"
    place.unlink()
    place.symlink_to(what)
    return place


def test_a_link_in_the_place_of_a_file_is_not_followed(pages: Pages, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * len(PAGE))
    planted(pages.folder, secret)
    answer = pages.get("/file/verse/verse_1/1/page.html")
    assert answer.status_code == 500
    assert "sss" not in answer.text


def test_a_link_in_the_place_of_the_folder_is_not_followed(pages: Pages, tmp_path: Path) -> None:
    files = pages.folder / "artifacts/verse/verse_1/v0001/files"
    elsewhere = tmp_path / "elsewhere"
    files.rename(elsewhere)
    (elsewhere / "page.html").chmod(0o644)
    (elsewhere / "page.html").write_bytes(b"s" * len(PAGE))
    files.symlink_to(elsewhere)
    answer = pages.get("/file/verse/verse_1/1/page.html")
    assert answer.status_code == 500
    assert "sss" not in answer.text


def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(pages: Pages) -> None:
    place = pages.folder / "artifacts/verse/verse_1/v0001/files/page.html"
    place.unlink()
    os.mkfifo(place)
    assert pages.get("/file/verse/verse_1/1/page.html").status_code == 500


def test_a_damaged_file_is_told(pages: Pages) -> None:
    place = pages.folder / "artifacts/verse/verse_1/v0001/files/page.html"
    place.chmod(0o644)
    place.write_bytes(PAGE + b"more")
    answer = pages.get("/file/verse/verse_1/1/page.html")
    assert answer.status_code == 500
    assert "cineforge verify" in answer.text


@pytest.mark.slow
def test_a_picture_of_enormous_size_is_not_unpacked(pages: Pages) -> None:
    from PIL import Image

    vast = pages.folder.parent / "vast.png"
    Image.new("1", (20_000, 20_000)).save(vast)
    with Project(pages.folder) as film:
        film.put("verse/verse_1", {"text": "x", "lines": 1}, attach={"vast.png": vast})
    answer = pages.get("/thumbnail/verse/verse_1/2/vast.png")
    assert answer.status_code == 404
