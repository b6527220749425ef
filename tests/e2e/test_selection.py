"""`cineforge plan` and `cineforge run` take the same words, and mean the same by them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from cineforge.commands.main import main

from .conftest import Project, copy_project, made_once, start_echo
from .test_echo import set_params

pytestmark = pytest.mark.e2e


def planned(project: Project, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    status = main(["plan", "echo", *words, "--directory", str(project.folder), "--json"])
    out = capsys.readouterr()
    assert status in (0, 1), out.err
    report = json.loads(out.out)
    assert status == (0 if report["up_to_date"] else 1)
    answer: dict[str, Any] = report
    return answer


def refused(project: Project, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["plan", "echo", *words, "--directory", str(project.folder)]) == 2
    return capsys.readouterr().err


def run(project: Project, *words: str) -> str:
    return project.cineforge("run", "echo", *words, "--directory", str(project.folder))


def calls_of(project: Project, *words: str) -> tuple[Counter[str], str]:
    before = project.module_calls()
    said = run(project, *words)
    return project.module_calls() - before, said


def fits(calls: Counter[str], plan: dict[str, Any]) -> bool:
    """Every module call was planned, and all that were certain have been made."""
    ranges = {each["stage"]: (each["at_least"], each["at_most"]) for each in plan["stages"]}
    return set(calls) <= set(ranges) and all(
        least <= calls[stage] <= (calls[stage] if most is None else most)
        for stage, (least, most) in ranges.items()
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One finished echo project. The rows force what is there, which changes no content."""
    done = made_once(tmp_path_factory, "echo", lambda film: start_echo(film).snakemake())
    return copy_project(done, tmp_path_factory.mktemp("selection") / "film")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("echo_copy/b --force", {"echo_copy": 1}),
        ("echo_mirror current/echo_copy/b.json --force", {"echo_mirror": 1, "echo_copy": 1}),
        ("echo_part_copy --force", {"echo_part_copy": 6}),
        ("echo_part_copy/b.* --force", {"echo_part_copy": 2}),
        (
            "b --force",
            {"echo_copy": 1, "echo_parts": 1, "echo_part_copy": 2, "echo_item_parts": 1},
        ),
        (
            "*/b echo_mir* --force",
            {
                "echo_split": 1,
                "echo_copy": 1,
                "echo_parts": 1,
                "echo_item_parts": 1,
                "echo_mirror": 1,
            },
        ),
        ("--forcerun echo_copy/[ab] echo_mirror", {"echo_copy": 2, "echo_mirror": 1}),
        ("--forcerun echo_copy echo_all --until echo_copy", {"echo_copy": 3}),
        (
            "--forcerun echo_mirror echo_part_copy echo_item_parts --omit-from echo_part_copy",
            {"echo_mirror": 1},
        ),
        (
            "--force",
            {
                "echo_source": 1,
                "echo_mirror": 1,
                "echo_split": 1,
                "echo_copy": 3,
                "echo_pick": 2,
                "echo_parts": 3,
                "echo_part_copy": 6,
                "echo_item_parts": 3,
                "echo_all": 1,
            },
        ),
    ],
)
def test_the_words_select_for_plan_and_run_alike(
    built: Project, capsys: pytest.CaptureFixture[str], words: str, expected: dict[str, int]
) -> None:
    plan = planned(built, capsys, *words.split())
    members = {name: len(ids) for name, ids in built.versions().items()}
    calls, _ = calls_of(built, *words.split())
    assert calls == expected
    assert fits(calls, plan)
    # The same contents came out, so no member and nothing that was not forced has a new version.
    grown = {
        name.split("/")[0] for name, ids in built.versions().items() if len(ids) > members[name]
    }
    assert not grown & {"echo_item", "echo_group", "echo_part"}


def test_a_glob_takes_what_a_fan_out_has_yet_to_name_and_no_more_than_it_needs(
    echo: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = planned(echo, capsys, "echo_part_copy/a.*")
    (copies,) = (each for each in plan["stages"] if each["stage"] == "echo_part_copy")
    assert copies["waits_for"] == ["echo_split"]
    calls, _ = calls_of(echo, "echo_part/a.*")
    assert calls == {"echo_source": 1, "echo_split": 1, "echo_parts": 1}
    calls, _ = calls_of(echo, "echo_part_copy/a.*")
    assert calls == {"echo_part_copy": 2}
    _, said = calls_of(echo, "echo_part_copy/c.q*", "--forcerun", "echo_split")
    assert "nothing matches echo_part_copy/c.q*" in said


def test_an_entity_that_the_fan_out_turns_out_not_to_name_is_told_with_the_nearest(
    echo: Project,
) -> None:
    ran = ("run", "echo", "echo_copy/aa", "--directory", str(echo.folder))
    said = echo.cineforge(*ran, status=1)
    assert "there is no echo_item 'aa': did you mean 'a'?" in said
    assert "restore" not in said
    assert echo.module_calls() == {"echo_source": 1, "echo_split": 1}


def test_a_story_of_stale_heads(done_echo: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nothing that was asked for is stale" in run(done_echo, "--stale")
    assert main(["plan", "echo", "--stale", "--directory", str(done_echo.folder)]) == 0
    assert "nothing that was asked for is stale" in capsys.readouterr().out
    set_params(
        done_echo, "echo_source", items=["a=alpha apple #red", "b=bread #red #blue", "c=gamma"]
    )

    plan = planned(done_echo, capsys, "echo_split")
    below = {each["type"]: each for each in plan["may_turn_stale"]}
    assert below["echo_copy"]["count"] == 3
    assert below["echo_all"]["heads"] == ["echo_all@1"]
    assert "echo_item" not in below

    # Upstream heads as they are, stale or not, and said so.
    words = ("echo_copy/b", "--start-from", "echo_copy", "--force")
    plan = planned(done_echo, capsys, *words)
    (source,) = (each for each in plan["stages"] if each["stage"] == "echo_source")
    assert [each["reasons"] for each in source["as_is"]] == [
        [{"kind": "params", "names": ["items"]}]
    ]
    calls, said = calls_of(done_echo, *words)
    assert calls == {"echo_copy": 1}
    assert "echo_source: used as it is, has not seen: params changed: items" in said

    run(done_echo, "echo_split")
    plan = planned(done_echo, capsys, "echo_copy", "echo_all", "--stale")
    calls, _ = calls_of(done_echo, "echo_copy", "echo_all", "--stale")
    assert fits(calls, plan)
    # c lost its tag alone, and b its words: both are other items now.
    assert calls == {"echo_copy": 2, "echo_all": 1}

    plan = planned(done_echo, capsys, "--stale")
    assert {each["stage"] for each in plan["stages"] if each["at_most"] != 0} == {
        "echo_mirror",
        "echo_pick",
        "echo_parts",
        "echo_part_copy",
        "echo_item_parts",
    }
    calls, _ = calls_of(done_echo, "--stale")
    assert fits(calls, plan)
    assert planned(done_echo, capsys)["up_to_date"]


def test_more_names_than_fit_a_command_line(
    echo: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    set_params(echo, "echo_source", items=[f"item_{n}" for n in range(60)])
    run(echo, "echo_copy")
    names = [f"echo_copy/item_{n}" for n in range(55)]
    assert planned(echo, capsys, *names, "--force")["at_least"] == 55
    calls, _ = calls_of(echo, *names, "--force")
    assert calls == {"echo_copy": 55}


def test_limits_where_snakemake_would_do_something_else(
    echo: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, said in {
        ("--until", "echo_copy"): "Type instead:\n  snakemake",
        (
            "--omit-from",
            "echo_copy",
        ): "all_echo_source all_echo_mirror all_echo_split all_echo_parts",
        ("echo_all", "--until", "echo_copy"): "current/echo_split.members/_.json",
        ("--omit-from", "all_echo_copy"): "--omit-from echo_copy",
        ("--omit-from", "echo_copy/a"): "--omit-from echo_copy",
        ("--until", "echo_source", "echo_copy"): "leave out echo_source",
        ("--until", "echo_copy/*"): "name it as a target instead",
        ("echo_cpoy", "--until", "echo_splt"): "2 words",
        ("--start-from", "echo_cpoy"): "did you mean 'echo_copy'?",
    }.items():
        assert said in refused(echo, capsys, *words), words
        ran = ("run", "echo", *words, "--directory", str(echo.folder))
        assert echo.cineforge(*ran, status=1).count(said) == 1, words
    mistyped = ("echoo", "--directory", str(echo.folder))
    assert main(["plan", *mistyped]) == 2
    assert "or the recipe 'echo'?" in capsys.readouterr().err
    assert "or the recipe 'echo'?" in echo.cineforge("run", *mistyped, status=1)
    # Refused before anything begins.
    assert not (echo.folder / "runs").exists()

    # Rules without wildcards and paths are targets of their own: they need nothing to be known beforehand.
    plan = planned(echo, capsys, "--until", "echo_copy/a", "all_echo_mirror")
    calls, _ = calls_of(echo, "--until", "echo_copy/a", "all_echo_mirror")
    assert calls == {"echo_source": 1, "echo_mirror": 1, "echo_split": 1, "echo_copy": 1}
    assert fits(calls, plan)
    # A fan-out within a fan-out.
    said = refused(echo, capsys, "echo_item_parts/a", "--until", "echo_part_copy")
    assert "Type first, and then the same again" in said
    assert said.split()[-1] == "current/echo_parts.members/a.json"
    echo.snakemake(said.split()[-1])
    run(echo, "echo_item_parts/a", "--until", "echo_part_copy")
    assert [
        name for name in echo.versions() if name.startswith(("echo_part_copy", "echo_item_p"))
    ] == [
        "echo_part_copy/a.word_1",
        "echo_part_copy/a.word_2",
    ]


def test_force_that_the_run_does_not_come_to_is_refused_and_not_passed_over(
    built: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = len(list((built.folder / "runs").iterdir()))
    for words, said in {
        "echo_mirror --forcerun echo_copy": "--forcerun echo_copy: this run does not come to it",
        "echo_mirror --forcerun echo_copy echo_source *_parts": "--forcerun echo_copy *_parts: ",
        "echo_copy/a --forcerun echo_copy/[bc]*": "--forcerun echo_copy/[bc]*: ",
        "--start-from echo_copy --forcerun echo_source": "lets only echo_copy run, and what depends",
    }.items():
        assert said in refused(built, capsys, *words.split()), words
        ran = ("run", "echo", *words.split(), "--directory", str(built.folder))
        assert said in built.cineforge(*ran, status=1), words
    said = built.snakemake("all_echo_mirror", "--forcerun", "echo_copy", status=1)
    assert said.count("--forcerun echo_copy: this run does not come to it") == 1
    assert len(list((built.folder / "runs").iterdir())) == runs
    assert planned(built, capsys, "echo_mirror", "--forcerun", "echo_source")["at_least"] == 1


def test_snakemake_too_names_the_nearest_target(echo: Project) -> None:
    for wrong, hint in {
        "all_echo_cpoy": "did you mean 'all_echo_copy'?",
        "current/echo_cpoy/a.json": "did you mean 'current/echo_copy/a.json'?",
        "current/echo_mirror/a.json": "there is one, for the project: current/echo_mirror/_.json",
        "current/echo_copy/_.json": "or all_echo_copy for all of them",
    }.items():
        said = echo.snakemake("-n", wrong, status=1)
        assert f"makes no '{wrong}'" in said
        assert hint in said
        assert "Traceback" not in said
