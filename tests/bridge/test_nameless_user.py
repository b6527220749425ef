"""Who has no name in the system, as in a container that was given a bare number, can run all the same."""

from __future__ import annotations

import os
import pwd
from typing import NoReturn

import pytest

from cineforge.bridge.process.nameless_user import name_user, require_home
from cineforge.model.errors import CineForgeError


@pytest.fixture(autouse=True)
def nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_number: int) -> NoReturn:
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_snakemake_is_told_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    name_user()
    assert os.environ["LOGNAME"] == str(os.getuid())
    monkeypatch.setenv("LOGNAME", "ida")
    name_user()
    assert os.environ["LOGNAME"] == "ida"


def test_a_home_folder_is_asked_for_before_snakemake_misses_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(CineForgeError, match="HOME=/tmp cineforge run"):
        require_home()
    monkeypatch.setenv("HOME", "/tmp")
    require_home()
