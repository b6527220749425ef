"""A project that is moved while a command is at work is told as that, whatever the command then misses."""

from __future__ import annotations

from typing import Any

import pytest

from cineforge.store import ArtifactStore

from .conftest import Film

COMMANDS = (("history", "tale"), ("status",), ("hold", "tale", "--why", "x"), ("verify",))


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize("is_made_anew", [False, True])
def test_before_its_first_look(
    film: Film,
    words: tuple[str, ...],
    is_made_anew: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = ArtifactStore.__init__

    def then_moved(store: ArtifactStore, *given: Any, **named: Any) -> None:
        real(store, *given, **named)
        if not (elsewhere := film.folder.with_name("elsewhere")).exists():
            film.folder.rename(elsewhere)
            if is_made_anew:  # as who writes by a full name does
                (film.folder / "artifacts" / ".live").mkdir(parents=True)

    monkeypatch.setattr(ArtifactStore, "__init__", then_moved)
    said = film.ask(*words)
    if said.status:
        assert f"{film.folder} was moved or deleted while this command was at work" in said.err
    assert said.status or is_made_anew


def test_in_the_midst_of_verifying_it_is_no_damage(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ArtifactStore.every_version

    def then_moved(store: ArtifactStore) -> Any:
        found = real(store)
        film.folder.rename(film.folder.with_name("elsewhere"))
        return found

    monkeypatch.setattr(ArtifactStore, "every_version", then_moved)
    said = film.ask("verify")
    assert said.status == 2
    assert "was moved or deleted while this command was at work" in said.err
