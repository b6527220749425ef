"""Nobody gets in without the token, by another name, or from another site's page; and no GET changes anything."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from cineforge.ui.access.hosts import Hosts
from cineforge.ui.access.sessions import Sessions
from cineforge.ui.app import make_app
from cineforge.ui.site import Site

from .conftest import HOST, TOKEN, Pages, new_client

PLACES = [
    *("/", "/artifacts", "/artifact/verse/verse_1", "/why/verse/verse_1", "/edit/verse/verse_1"),
    *("/file/verse/verse_1/1/page.html", "/thumbnail/verse/verse_1/1/pictures/one.png"),
    *("/diff?a=tale&b=board", "/put", "/runs", "/runs/newest", "/run", "/nothing"),
]


def contents(folder: Path) -> dict[str, str]:
    """Every file of a project but for what can be made again."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".cineforge" not in path.parts and ".live" not in path.parts
    }


@pytest.mark.parametrize("place", PLACES)
def test_without_the_token_nothing_is_shown(stranger: TestClient, place: str) -> None:
    asked = stranger.get(place, headers={"accept": "*/*"})
    assert asked.status_code == 401
    assert "verse" not in asked.text
    seen = stranger.get(place, follow_redirects=False)
    assert seen.status_code == 303
    assert seen.headers["location"].startswith("/login?next=")


def test_a_wrong_token_lets_nobody_in(stranger: TestClient) -> None:
    assert stranger.get("/?token=guessed", headers={"accept": "*/*"}).status_code == 401
    said = {"token": "guessed", "next": "/"}
    refused = stranger.post("/login", data=said, headers={"origin": HOST})
    assert refused.status_code == 403
    assert not refused.cookies
    assert stranger.get("/runs", headers={"accept": "*/*"}).status_code == 401


def test_the_token_leaves_the_address_bar(stranger: TestClient) -> None:
    answer = stranger.get(f"/artifacts?type=verse&token={TOKEN}", follow_redirects=False)
    assert answer.headers["location"] == "/artifacts?type=verse"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert stranger.get("/artifacts").status_code == 200


def test_the_token_typed_leads_to_what_was_asked_for(stranger: TestClient) -> None:
    said = {"token": TOKEN, "next": "/artifacts?type=verse"}
    answer = stranger.post("/login", data=said, headers={"origin": HOST}, follow_redirects=False)
    assert answer.headers["location"] == "/artifacts?type=verse"


@pytest.mark.parametrize("place", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_a_login_leads_nowhere_else(stranger: TestClient, place: str) -> None:
    said = {"token": TOKEN, "next": place}
    answer = stranger.post("/login", data=said, headers={"origin": HOST}, follow_redirects=False)
    assert answer.headers["location"] == "/"
    shown = stranger.get(f"//evil.example/x?token={TOKEN}", follow_redirects=False)
    assert not shown.headers.get("location", "/").startswith("//")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "[::1", "10.0.0.7", ""]
)
def test_another_name_is_no_name_of_ours(pages: Pages, host: str) -> None:
    assert pages.get("/", host=host).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1:9000", "[::1]:8765", "LOCALHOST"])
def test_this_machine_has_several_names(pages: Pages, host: str) -> None:
    assert pages.get("/", host=host).status_code == 200


def test_a_server_for_others_answers_to_addresses_and_to_the_names_it_was_given() -> None:
    hosts = Hosts.of("0.0.0.0", ("box.lan",))
    assert hosts.know("192.168.1.7:8765")
    assert hosts.know("box.lan:8765")
    assert not hosts.know("evil.example")
    assert not Hosts.of("192.168.1.7").know("192.168.1.8")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "file://"]
)
def test_a_foreign_page_may_ask_nothing(pages: Pages, origin: str) -> None:
    before = contents(pages.folder)
    said = {"mark": pages.mark(), "do": "hold", "ref": "verse/verse_1", "who": "x", "why": "y"}
    headers = {"origin": origin}
    assert pages.client.post("/say", data=said, headers=headers).status_code == 403
    assert pages.get("/artifacts", origin=origin).status_code == 403
    assert contents(pages.folder) == before


def test_a_form_without_origin_is_refused(pages: Pages) -> None:
    said = {"mark": pages.mark(), "do": "hold", "ref": "verse/verse_1", "who": "x", "why": "y"}
    assert pages.client.post("/say", data=said).status_code == 403


@pytest.mark.parametrize("mark", ["", "0" * 64, "é"])
def test_a_form_that_is_not_ours_is_refused(pages: Pages, mark: str) -> None:
    before = contents(pages.folder)
    said = {"do": "hold", "ref": "verse/verse_1", "who": "x", "why": "y", "mark": mark}
    answer = pages.client.post("/say", data=said, headers={"origin": HOST})
    assert answer.status_code == 403
    assert contents(pages.folder) == before


def test_the_mark_of_one_session_is_none_of_another(pages: Pages) -> None:
    mark = pages.mark()
    with TestClient(pages.client.app, base_url=HOST) as other:
        other.get(f"/?token={TOKEN}")
        said = {"do": "hold", "ref": "verse/verse_1", "who": "x", "why": "y", "mark": mark}
        assert other.post("/say", data=said, headers={"origin": HOST}).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_there_are_no_other_methods(pages: Pages, method: str) -> None:
    assert pages.client.request(method, "/", headers={"origin": HOST}).status_code == 405


def test_what_changes_something_takes_no_get(folder: Path) -> None:
    app = make_app(Site(folder, Sessions(TOKEN)), Hosts.of("127.0.0.1"))
    posted = {
        route.path
        for route in app.routes
        if isinstance(route, Route) and "POST" in (route.methods or ())
    }
    assert posted == {
        *("/say", "/put", "/run", "/login", "/edit/{type}/{entity}", "/runs/{run_id}/stop"),
    }
    for route in app.routes:
        if isinstance(route, Route) and "POST" in (route.methods or ()):
            assert not (route.methods or set()) & {"GET", "HEAD"}, route.path


@pytest.mark.slow
def test_no_get_changes_the_project(pages: Pages) -> None:
    before = contents(pages.folder)
    query = "do=hold&ref=verse/verse_1&who=x&why=y&recipe=echo&data={}&type=tale&new=1&how=at_once"
    for place in [*PLACES, "/say", "/edit/verse/verse_1", "/runs/any/stop", "/run"]:
        pages.get(f"{place}{'&' if '?' in place else '?'}{query}&mark={pages.mark()}")
    assert contents(pages.folder) == before


@pytest.mark.parametrize("place", ["/", "/artifact/verse/verse_1", "/nothing", "/login"])
def test_pages_run_only_our_own_scripts(pages: Pages, place: str) -> None:
    answer = pages.get(place)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert " onclick" not in answer.text


@pytest.mark.slow
def test_scripts_and_styles_come_without_a_token_and_nothing_beside_them_does(folder: Path) -> None:
    with new_client(folder) as client:
        assert client.get("/static/x/style.css").status_code == 200
        for way in ("/static/x/../app.py", "/static/x/%2e%2e/app.py", "/static/x/..%2fapp.py"):
            assert client.get(way, headers={"accept": "*/*"}).status_code in (401, 404)


def test_a_body_that_is_no_form_is_refused(pages: Pages) -> None:
    headers = {"origin": HOST, "content-type": "application/json"}
    assert pages.client.post("/say", content="{}", headers=headers).status_code == 415
    headers["content-type"] = "multipart/form-data; boundary=x"
    assert pages.client.post("/say", content="rubbish", headers=headers).status_code in (400, 403)
