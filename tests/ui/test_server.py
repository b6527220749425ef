"""The real server: what it prints, who it lets listen, and what comes over the wire as no browser sends it."""

from __future__ import annotations

import builtins
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cineforge.commands.main import main
from cineforge.model.errors import CineForgeError
from cineforge.ui import plans
from tests.patience import PATIENCE

from .conftest import TOKEN, make_film

pytestmark = pytest.mark.e2e


def start(folder: Path, *words: str, token: str | None = TOKEN) -> subprocess.Popen[str]:
    environment = {**os.environ, "CINEFORGE_UI_TOKEN": token or ""}
    command = [sys.executable, "-m", "cineforge", "ui", "--directory", str(folder), *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    )


def address(process: subprocess.Popen[str]) -> tuple[str, int, str]:
    assert process.stdout is not None
    found = re.search(r"http://([^:]+):(\d+)/\?token=(\S+)", process.stdout.readline())
    assert found is not None
    return found[1], int(found[2]), found[3]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    folder = tmp_path_factory.mktemp("served") / "film"
    make_film(folder)
    process = start(folder, "--port", "0")
    host, port, _ = address(process)
    yield host, port
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) in (0, 130, -signal.SIGINT)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def said(server: tuple[str, int], raw: bytes) -> bytes:
    """What is answered to bytes as they are."""
    with socket.create_connection(server, timeout=PATIENCE) as wire:
        wire.sendall(raw)
        answer = b""
        while piece := wire.recv(1 << 16):
            answer += piece
    return answer


def status_of(server: tuple[str, int], raw: bytes) -> bytes:
    """The status that is answered to bytes as they are; the server may go on waiting for more."""
    with socket.create_connection(server, timeout=PATIENCE) as wire, wire.makefile("rb") as answer:
        wire.sendall(raw)
        return answer.readline().split()[1]


def let_in(server: tuple[str, int]) -> str:
    """The cookie of a session."""
    connection = http.client.HTTPConnection(*server, timeout=PATIENCE)
    connection.request("GET", f"/?token={TOKEN.replace(' ', '%20')}")
    cookie = connection.getresponse().getheader("set-cookie")
    assert cookie is not None
    return cookie.partition(";")[0]


@pytest.mark.parametrize(
    "path",
    [
        *("/static/x/../app.py", "/static/x/../../../../etc/passwd", "/static/../../etc/passwd"),
        *("/file/verse/verse_1/1/../data.json", "/file/verse/verse_1/1/../../../../config.yaml"),
        *(
            "/file/verse/../verse/verse_1/1/../meta.json",
            "//etc/passwd",
            "/file/verse/verse_1/1//etc/passwd",
        ),
        *(
            "/runs/../../etc/passwd",
            "/artifact/verse/../../x",
            "/file/verse/verse_1/1/%2e%2e/meta.json",
        ),
    ],
)
def test_no_path_leads_out(server: tuple[str, int], path: str) -> None:
    cookie = let_in(server)
    head = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    )
    answer = said(server, head.encode())
    assert answer.split(b" ", 2)[1] in (b"404", b"400", b"405")
    assert b"root:" not in answer
    assert b"words of" not in answer
    assert b"import" not in answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /say HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\nContent-Length: 0\r\n\r\n",
        b"POST /say HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01 rubbish\r\n\r\n",
        b"GET /runs/x/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_what_is_no_request_of_ours_is_refused(server: tuple[str, int], raw: bytes) -> None:
    assert status_of(server, raw) in (b"400", b"401", b"403", b"421")


def test_two_servers_take_two_ports_and_tokens_of_their_own(folder: Path) -> None:
    one, two = start(folder, token=None), start(folder, token=None)
    try:
        first, second = address(one), address(two)
        assert first[1] != second[1]
        assert first[2] != second[2]
        assert min(len(first[2]), len(second[2])) >= 32
    finally:
        for each in (one, two):
            each.send_signal(signal.SIGTERM)
            each.wait(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--host", "no.such.host.invalid"), "name an address of this machine"),
        (("--port", "70000"), "nothing can listen"),
    ],
)
def test_where_it_cannot_listen_is_told(
    folder: Path, words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ui", "--directory", str(folder), *words]) == 1
    assert told in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["ui", "--directory", str(folder), "--port", port]) == 1
    assert "choose another --port" in capsys.readouterr().err


def test_a_short_token_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CINEFORGE_UI_TOKEN", "secret")
    assert main(["ui", "--directory", str(folder)]) == 1
    assert "use at least 16" in capsys.readouterr().err


def test_what_is_no_project_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ui", "--directory", str(tmp_path)]) == 1
    assert "is not a project" in capsys.readouterr().err


def test_without_its_libraries_it_says_what_to_type(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name.partition(".")[0] == "uvicorn":
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "cineforge.ui.server", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["ui", "--directory", str(folder)]) == 1
    assert "pip install 'cineforge[ui]'" in capsys.readouterr().err


def test_a_plan_that_is_being_made_ends_with_the_server(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    ending = threading.Event()
    ending.set()
    with pytest.raises(CineForgeError, match="the server ends"):
        plans.make_plan(folder, plans.Request("echo"), ending)
