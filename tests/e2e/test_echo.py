"""The echo recipe: every shape of stage, by the real command."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from .conftest import ROOT, Project

pytestmark = pytest.mark.e2e


def set_params(echo: Project, stage: str, **params: object) -> None:
    """Give the project its own copy of the echo recipe, with params for one stage."""
    own = echo.folder / "recipes" / "echo.yaml"
    source = own if own.exists() else ROOT / "recipes" / "echo.yaml"
    recipe = yaml.safe_load(source.read_text(encoding="utf-8"))
    for entry in recipe["stages"]:
        if entry["id"] == stage:
            entry["params"] = {**entry.get("params", {}), **params}
    own.parent.mkdir(exist_ok=True)
    own.write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")


def types(gained: dict[str, int]) -> set[str]:
    return {name.split("/")[0] for name in gained}


def test_all_shapes_are_made_and_then_there_is_nothing_to_do(done_echo: Project) -> None:
    names = types(dict.fromkeys(done_echo.versions(), 1))
    assert names >= {
        "echo_source",
        "echo_mirror",
        "echo_item",
        "echo_group",
        "echo_copy",
        "echo_pick",
        "echo_part",
        "echo_part_copy",
        "echo_item_parts",
        "echo_all",
        "echo_split.members",
        "echo_parts.members",
    }
    assert "Nothing to be done" in done_echo.snakemake()


def test_nested_members_carry_their_parents_id(done_echo: Project) -> None:
    items = {name.split("/")[1] for name in done_echo.versions() if name.startswith("echo_item/")}
    parts = [name.split("/")[1] for name in done_echo.versions() if name.startswith("echo_part/")]
    assert parts
    assert all(part.rpartition(".")[0] in items for part in parts)


def test_one_entity_and_what_it_needs(echo: Project) -> None:
    echo.snakemake("all_echo_split")
    item = next(name for name in echo.versions() if name.startswith("echo_item/")).split("/")[1]
    before = echo.versions()
    echo.snakemake(f"current/echo_copy/{item}.json")
    assert echo.new_since(before) == {f"echo_copy/{item}": 1}


def test_a_gathering_stage_reads_its_own_children_alone(echo: Project) -> None:
    echo.snakemake("all_echo_split")
    items = [name.split("/")[1] for name in echo.versions() if name.startswith("echo_item/")]
    echo.snakemake(f"current/echo_item_parts/{items[0]}.json")
    parents = {
        name.split("/")[1].rpartition(".")[0]
        for name in echo.versions()
        if name.startswith("echo_part_copy/")
    }
    assert parents == {items[0]}


def test_a_selecting_stage_is_rebuilt_only_when_a_selected_one_changes(done_echo: Project) -> None:
    groups = {
        name.split("/")[1]: done_echo.load("echo_group", name.split("/")[1])["items"]
        for name in done_echo.versions()
        if name.startswith("echo_group/")
    }
    everyone = {item for items in groups.values() for item in items}
    touched = next(
        item for item in sorted(everyone) if any(item not in items for items in groups.values())
    )
    before = done_echo.versions()
    done_echo.snakemake(f"current/echo_copy/{touched}.json", "--forcerun", "echo_copy")
    # The copy's content came out the same, so nobody who selected it is rebuilt.
    done_echo.snakemake()
    assert done_echo.new_since(before) == {f"echo_copy/{touched}": 1}


def test_a_changed_item_touches_just_its_own_branch(echo: Project) -> None:
    set_params(echo, "echo_source", items=["ant", "bee", "cat"])
    echo.snakemake()
    before = echo.versions()
    set_params(echo, "echo_source", items=["ant", "bee", "cow"])
    echo.snakemake()
    gained = echo.new_since(before)
    copies = [name for name in gained if name.startswith("echo_copy/")]
    assert len(copies) == 1
    assert gained["echo_all/_"] == 1


def test_an_empty_fan_out_is_no_error(echo: Project) -> None:
    set_params(echo, "echo_source", items=[])
    echo.snakemake()
    assert "echo_all/_" in echo.versions()
    assert "Nothing to be done" in echo.snakemake()


def test_members_added_and_removed_rebuild_who_gathered_them(echo: Project) -> None:
    set_params(echo, "echo_source", items=["ant", "bee"])
    echo.snakemake()
    set_params(echo, "echo_source", items=["ant", "bee", "cat"])
    before = echo.versions()
    assert "members of" in echo.snakemake()
    assert echo.new_since(before)["echo_all/_"] == 1
    set_params(echo, "echo_source", items=["ant"])
    before = echo.versions()
    echo.snakemake()
    assert echo.new_since(before)["echo_all/_"] == 1
    assert "echo_copy/_" not in echo.new_since(before)


def test_only_the_stage_whose_params_changed_is_built(done_echo: Project) -> None:
    before = done_echo.versions()
    set_params(done_echo, "echo_mirror", note="louder")
    said = done_echo.snakemake()
    assert "echo_mirror: params changed: note" in said
    assert set(done_echo.new_since(before)) == {"echo_mirror/_"}


def test_a_current_path_rebuilds_what_is_out_of_date_behind_a_link_that_is_there(
    done_echo: Project,
) -> None:
    set_params(done_echo, "echo_mirror", note="louder")
    before = done_echo.versions()
    assert "params changed: note" in done_echo.snakemake("current/echo_mirror/_.json", "-n")
    done_echo.snakemake("current/echo_mirror/_.json")
    assert done_echo.new_since(before) == {"echo_mirror/_": 1}
    assert "Nothing to be done" in done_echo.snakemake("current/echo_mirror/_.json")


def test_a_current_path_of_a_member_waits_for_its_fan_out(done_echo: Project) -> None:
    set_params(done_echo, "echo_source", items=["a=apricot", "b=beta", "c=gamma"])
    done_echo.snakemake("current/echo_item/a.json")
    assert "apricot" in done_echo.load("echo_item", "a")["text"]
    assert done_echo.versions()["echo_copy/a"] == [1]


def test_an_installed_package_needs_no_clone(echo: Project) -> None:
    """`cineforge init` leaves all that plain snakemake needs in the project itself."""
    import subprocess

    from .conftest import BIN

    done = subprocess.run(
        [str(BIN / "snakemake"), "-c2"],
        cwd=echo.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "echo_all/_" in echo.versions()
    assert Path(echo.folder, "current/echo_all/_.json").is_file()


def test_an_undo_takes_the_older_content_without_calling_a_module(echo: Project) -> None:
    set_params(echo, "echo_source", items=["a=apple #red", "b=bread #red"])
    echo.snakemake()
    set_params(echo, "echo_source", items=["a=apricot #red", "b=bread #red"])
    echo.snakemake()
    set_params(echo, "echo_source", items=["a=apple #red", "b=bread #red"])
    before, versions = echo.module_calls(), echo.versions()
    assert "echo_source: adopted, the same work was done before" in echo.snakemake()
    assert echo.module_calls() == before
    assert echo.new_since(versions)["echo_copy/a"] == 1
    assert echo.load("echo_copy", "a") == {"text": "apple"}
    assert "Nothing to be done" in echo.snakemake()


def test_a_forced_undo_calls_the_modules(echo: Project) -> None:
    set_params(echo, "echo_mirror", note="one")
    echo.snakemake()
    set_params(echo, "echo_mirror", note="two")
    echo.snakemake()
    set_params(echo, "echo_mirror", note="one")
    before = echo.module_calls()
    echo.snakemake("current/echo_mirror/_.json", "--forcerun", "echo_mirror")
    assert echo.module_calls() - before == {"echo_mirror": 1}


def test_a_version_of_which_a_revision_was_asked_is_never_adopted(echo: Project) -> None:
    """Nor is a fan-out's work in which there is one."""

    def calls_for(note: str, item: str) -> Counter[str]:
        set_params(echo, "echo_mirror", note=note)
        set_params(echo, "echo_source", items=[f"a={item}", "b=bread"])
        before = echo.module_calls()
        echo.snakemake("all_echo_copy", "all_echo_mirror")
        return echo.module_calls() - before

    calls_for("one", "apple")
    for version in ("echo_mirror@1", "echo_item/a@1"):
        echo.cineforge("revise", version, "--directory", str(echo.folder))
    calls_for("two", "apricot")
    assert calls_for("one", "apple") == {"echo_mirror": 1, "echo_split": 1}
    assert calls_for("two", "apricot") == {}, "of that, nobody asked for a revision"
