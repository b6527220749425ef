"""What pages show: every page of a small film, whatever is written in it, and no more than is asked for."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin

import pytest

from cineforge import Project
from cineforge.model.health import ArtifactHealth
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactRef
from cineforge.store import ArtifactStore
from tests.e2e.workshop import write_module, write_recipe

from .conftest import SAID, Pages, made_from

PAGES = [
    *("/", "/artifacts", "/artifacts?type=verse", "/artifact/verse/verse_1", "/artifact/tale/_"),
    *(
        "/artifact/verse/verse_1?json=1",
        "/why/verse/verse_1",
        "/edit/verse/verse_1",
        "/put",
        "/graph",
    ),
    *(
        "/edit/verse/verse_1?json=1",
        "/diff",
        "/diff?a=verse/verse_1&b=verse/verse_2",
        "/board",
        "/runs",
    ),
    *(
        "/board?type=verse",
        "/graph?focus=tale&depth=1",
        "/graph?stale=1",
        "/graph?at=2100-01-01",
        "/run",
    ),
    *("/graph?type=verse&expand=verse&health=valid", "/runs/newest"),
]
HOSTILE = "</textarea><script>document.title='owned'</script>\"'><img src=x onerror=alert(1)>{{7*7}}\u202e"


@pytest.mark.parametrize("place", PAGES)
def test_every_page_is_whole(pages: Pages, place: str) -> None:
    text = pages.text(place)
    assert text.rstrip().endswith("</html>")
    assert "<h1>" in text or "<h1 " in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_every_link_leads_to_a_page(pages: Pages) -> None:
    with Project(pages.folder) as film:
        film.put("verse/verse_1", {"text": "mine", "lines": 2}, why="better")
    ahead, seen = ["/"], set[str]()
    while ahead:
        place = ahead.pop()
        if place in seen or place.startswith(("/static/", "/live", "/run?", "/plan/")):
            continue
        seen.add(place)
        answer = pages.get(place)
        assert answer.status_code == 200, place
        if answer.headers["content-type"].startswith("text/html") and "/file/" not in place:
            links = re.findall(r'(?:href|src|data-load)="([^"#]*)', answer.text)
            ahead += [urljoin(place, unescape(link)) for link in links if link]
    assert "/graph?focus=verse%2Fverse_1" in seen
    assert 'href="/run?word=verse%2Fverse_1&amp;show=plan"' in pages.text("/artifact/verse/verse_1")


@pytest.mark.parametrize("place", PAGES)
def test_what_is_written_in_a_film_stays_text(pages: Pages, place: str) -> None:
    with Project(pages.folder) as film:
        data = {"text": HOSTILE, "lines": 2, "tags": [HOSTILE], "notes": [{HOSTILE: HOSTILE}]}
        film.put("verse/verse_1", data, who=HOSTILE, why=HOSTILE)
        film.revise("verse/verse_2", who=HOSTILE, why=HOSTILE)
        film.put("tale", {"title": HOSTILE, HOSTILE: [HOSTILE]}, who=HOSTILE, why=HOSTILE)
    text = pages.text(place)
    assert "<script>" not in text
    assert "<img src=x" not in text
    assert "49" not in re.findall(r"&#39;&gt;&lt;img[^{]*(\d+)", text)
    assert "\u202e" not in re.sub(r"<(textarea|input)[^>]*>[^<]*", "", text)


def test_the_overview_groups_what_is_stale_by_the_change(pages: Pages) -> None:
    with Project(pages.folder) as film:
        film.put("tale", {"draft": 2}, who="ida", why="a new ending")
    text = pages.text("/")
    change = text.partition('<article class="card change">')[2].partition("</article>")[0]
    assert "tale@2" in change
    assert "ida" in change
    assert "a new ending" in change
    for name in ("verse/verse_1@1", "verse/verse_2@1", "board@1"):
        assert name in change


def test_a_broken_configuration_hides_nothing_else(pages: Pages) -> None:
    (pages.folder / "config.yaml").write_text("recipe: [")
    text = pages.text("/")
    assert "config.yaml" in text
    assert "/artifacts?type=verse" in text


def test_causes_are_told_as_a_tree(pages: Pages) -> None:
    with Project(pages.folder) as film:
        film.put("tale", {"draft": 2}, who="ida", why="a new ending")
    text = unescape(re.sub(r"<[^>]+>", " ", pages.text("/why/board/_")))
    words = " ".join(text.split())
    assert (
        "board@1 verse/verse_1@1 was made from tale@1 (input), which was superseded by tale@2"
        in words
    )


def test_versions_are_compared_line_by_line(pages: Pages) -> None:
    with Project(pages.folder) as film:
        film.put("verse/verse_1", {"text": "one\ntwo\nthree", "lines": 1})
        film.put("verse/verse_1", {"text": "one\nTWO\nthree", "lines": 3})
    text = pages.text("/diff?a=verse/verse_1@2&b=verse/verse_1@3")
    assert "<del>− two</del>" in text
    assert "<ins>+ TWO</ins>" in text
    assert "<ins>+ 3</ins>" in text


@pytest.mark.slow
def test_a_list_of_artifacts_is_sent_a_page_at_a_time(pages: Pages) -> None:
    with ArtifactStore(pages.folder) as store:
        for number in range(1, 131):
            store.save_artifact(
                "tune", f"tune_{number}", {"n": number}, Provenance(source=Source.AI)
            )
    first = pages.text("/artifacts?type=tune")
    assert re.findall(r'aria-label="(tune/\w+)"', first)[:3] == [
        "tune/tune_1",
        "tune/tune_2",
        "tune/tune_3",
    ]
    assert len(re.findall(r'aria-label="tune/', first)) == 100
    assert len(re.findall(r'aria-label="tune/', pages.text("/artifacts?type=tune&from=100"))) == 30
    assert "1 to 100 of 130" in first


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=verse_2", ["verse/verse_2"]),
        ("health=valid&type=board", ["board"]),
        ("health=held", []),
        ("q=%25", []),
        ("run=none", []),
        ("type=verse&q=_1", ["verse/verse_1"]),
    ],
)
def test_artifacts_are_found_by_type_health_name_and_run(
    pages: Pages, query: str, found: list[str]
) -> None:
    text = pages.text(f"/artifacts?{query}")
    assert re.findall(r'name="ref" value="[^"]*" aria-label="([^"]+)"', text) == found


def test_a_whole_name_leads_to_its_page(pages: Pages) -> None:
    assert pages.get("/artifacts?q=verse/verse_2").url.path == "/artifact/verse/verse_2"


def test_a_long_payload_is_sent_in_parts(pages: Pages) -> None:
    with ArtifactStore(pages.folder) as store:
        rows = [{"number": number, "name": f"row {number}."} for number in range(1000)]
        store.save_artifact("tune", None, {"rows": rows}, Provenance(source=Source.AI))
    text = pages.text("/artifact/tune/_")
    assert "row 99." in text
    assert "row 100." not in text
    assert "row 100." in pages.text("/artifact/tune/_?from.$.rows=100")


def test_lists_within_lists_are_sent_in_smaller_parts(pages: Pages) -> None:
    lines = [{"words": [f"{number} {each}" for each in range(300)]} for number in range(90)]
    with ArtifactStore(pages.folder) as store:
        store.save_artifact("tune", None, {"lines": lines}, SAID)
    text = pages.text("/artifact/tune/_")
    assert len(text) < 100_000
    assert ">24 11<" in text
    assert ">24 12<" not in text
    assert ">25 0<" not in text
    assert "from.%24.lines=25" in text
    later = pages.text("/artifact/tune/_?from.$.lines[0].words=12")
    assert ">0 23<" in later
    assert ">0 11<" not in later
    assert "from.%24.lines%5B0%5D.words=0" in later


def test_what_gathers_many_asks_only_about_those_that_it_names(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ArtifactRef] = []
    health = ArtifactStore.health

    def counted(store: ArtifactStore, ref: ArtifactRef) -> ArtifactHealth:
        asked.append(ref)
        return health(store, ref)

    with ArtifactStore(pages.folder) as store:
        tunes = [store.save_artifact("tune", f"tune_{n}", {"n": n}, SAID) for n in range(60)]
        store.save_artifact("album", None, {"tunes": 60}, made_from(*tunes))
    monkeypatch.setattr(ArtifactStore, "health", counted)
    text = pages.text("/artifact/album/_")
    named = [ref for ref in tunes if f">{ref}<" in text]
    assert len(named) == 40
    assert "and 20 more" in text
    assert {ref for ref in asked if ref.artifact_type == "tune"} == set(named)


def test_a_damaged_version_is_told_and_the_rest_is_shown(pages: Pages) -> None:
    path = pages.folder / "artifacts/verse/verse_1/v0001/data.json"
    path.chmod(0o644)
    path.write_text('{"text": "changed", "lines": 1}')
    text = pages.text("/artifact/verse/verse_1")
    assert "does not match" in unescape(text) or "not as it was" in unescape(text)
    assert "verse_1" in pages.text("/artifacts")


def test_the_board_shows_what_modules_made_to_look_at(pages: Pages) -> None:
    text = pages.text("/board")
    assert text.count("<iframe sandbox ") == 2
    assert "/file/verse/verse_1/1/page.html" in text
    assert "/thumbnail/verse/verse_2/1/pictures/one.png" in text
    assert "odd name" not in text


@pytest.mark.slow
def test_all_recipes_that_are_listed_are_planned_as_one(pages: Pages) -> None:
    modules = {"seed": {}, "grow": {"store_inputs": ["seed"]}}
    for name, inputs in (("seed", None), ("grow", {"seed": {"type": "seed"}})):
        said = {
            "stage": name,
            "outputs": [{"type": name}],
            **({"inputs": inputs} if inputs else {}),
        }
        write_module(pages.folder, f"{name}_v1", said, "def run_module(*_): return None\n")
        stage = {"id": name, "module": f"{name}_v1", **modules[name]}
        recipe = write_recipe(pages.folder, [stage], recipe_id=name)
        recipe.rename(recipe.with_name(f"{name}.yaml"))
    (pages.folder / "config.yaml").write_text("recipes: [seed, grow]\n")
    assert "What it would do" in pages.text("/")
    text = pages.text("/run?show=plan")
    assert "all that config.yaml lists" in text
    assert text.count("never built") == 2
    assert pages.text("/run?show=plan&recipe=seed").count("never built") == 1
    (pages.folder / "config.yaml").write_text("story: x\n")
    assert "config.yaml names no recipe" in pages.text("/run?show=plan")
