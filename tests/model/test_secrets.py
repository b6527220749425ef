"""What looks like a key is kept out of records, and what does not stays as it is."""

from __future__ import annotations

import pytest

from cineforge.model.secrets import command_without_secrets, sealed, secrets_in, without_secrets

KEY = "sk-abcdefghijklmnopqrstuvwx"
HIDDEN = {
    "api_key=hunter2": "api_key=***",
    "OPENAI_API_KEY=hunter2": "OPENAI_API_KEY=***",
    "token=t": "token=***",
    "db.password=a b c": "db.password=***",
    f"model={KEY}": "model=***",
    "account=AKIAIOSFODNN7EXAMPLE": "account=***",
    "a=ghp_abcdefghijklmnopqrstuvwxyz0123456789": "a=***",
    "a=aB3dE5fG7hI9jK1lM3nO5pQ7": "a=***",
    "url=https://ida:hunter2@example.org/x": "url=https://ida:***@example.org/x",
    'project={"api_key": "hunter2", "title": "Film"}': 'project={"api_key": "***", "title": "Film"}',
    "project={password: hunter2, title: Film}": "project={password: ***, title: Film}",
}
SHOWN = (
    "snakemake",
    "-c4",
    "--config",
    "story=other_story_of_2026.fountain",
    "recipe=/home/ida/films/recipes/screenplay.yaml",
    "max_tokens=4000",
    "key=C minor",
    "run-20261128-170124-28487e",
    "current/scene_report/scene_7.json",
    "url=https://example.org/a@b",
)


@pytest.mark.parametrize("word", HIDDEN)
def test_a_key_on_the_command_line_is_hidden(word: str) -> None:
    assert command_without_secrets(("--config", word)) == ("--config", HIDDEN[word])


def test_other_words_stay_as_they_are() -> None:
    assert command_without_secrets(SHOWN) == SHOWN


def test_secrets_are_found_at_any_depth_and_taken_out_of_texts() -> None:
    known = secrets_in({"a": [{"b": {"password": "hunter2"}}], "title": "Film", "n": 3})
    assert known == {"hunter2"}
    assert without_secrets("401: 'hunter2' is wrong", known) == "401: '***' is wrong"


def test_a_sealed_secret_tells_that_it_is_another_and_no_more() -> None:
    one, other = sealed({"api_key": "hunter2", "n": 1}), sealed({"api_key": "hunter3", "n": 1})
    assert one["n"] == 1
    assert one["api_key"].startswith("secret sha256:")
    assert one != other
    assert "hunter" not in str(one)
    assert sealed(one) == one


def test_a_known_secret_is_sealed_under_any_name_and_within_any_text() -> None:
    values = {"prompt": "Bearer hunter2", "deep": [{"hunter2": 1}], "pin": 90210177, "n": 1}
    found = sealed(values, {"hunter2", "90210177"})
    assert found["n"] == 1
    assert all(found[name].startswith("secret sha256:") for name in ("prompt", "deep", "pin"))


def test_a_number_may_be_a_secret_and_a_switch_is_none() -> None:
    assert secrets_in({"password": 90210177, "token": True, "max_tokens": 4000}) == {"90210177"}
