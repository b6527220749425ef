"""Persons and places across cues, drafts, and what a project says of them by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge import ModuleFailed
from cineforge.testing import FakeContext, call_module
from tests.modules.module_bench import ingest, members_of, payloads, report

MAIN = (
    "INT. ATTIC - DAY\n\nJim looks for the lamp.\n\nJIM\nWhere is the old brass lamp that I left here?\n\n"
    "ANNA\nI have never seen a lamp in this house.\n\n"
    "EXT. BEACH - DAY\n\nJIM\nThe sea was never as loud as it is tonight.\n\nANNA (V.O.)\nListen.\n\n"
)


def broken_down(
    tmp_path: Path, text: str, before: dict[str, Any] | None = None, aliases: str | None = None
) -> dict[str, Any]:
    context = FakeContext(previous=members_of(before))
    if aliases is not None:
        path = tmp_path / "aliases.yaml"
        path.write_text(aliases, encoding="utf-8")
        context.give_source("aliases", path)
    script = ingest(tmp_path, text)
    return payloads(call_module("scene_breakdown_v1", {"script": script}, context=context))


def cast(made: dict[str, Any]) -> list[tuple[int, str, bool]]:
    return [(row["number"], row["name"], "gone" in row) for row in made["scene_index"]["cast"]]


def said_by(made: dict[str, Any], entity: str) -> list[str]:
    return [
        e["text"]
        for scene in made["scene"].values()
        for e in scene["elements"]
        if e["type"] == "dialogue" and entity in e["speakers"]
    ]


def test_a_renamed_character_goes_on_under_the_same_id_and_number(tmp_path: Path) -> None:
    before = broken_down(tmp_path, MAIN)
    text = MAIN.replace("JIM", "JAMES").replace("Jim", "James")
    after = broken_down(tmp_path, text, before)
    assert sorted(after["character"]) == ["anna", "jim"]
    assert after["character"]["jim"]["name"] == "JAMES"
    assert after["character"]["jim"]["formerly"] == ["JIM"]
    assert after["scene_index"]["renamed"] == [
        {"type": "character", "id": "jim", "was": "JIM", "now": "JAMES"}
    ]
    assert cast(after) == [(1, "JAMES", False), (2, "ANNA", False)]
    assert [group["code"] for group in after["scene_index"]["warnings"]] == ["renamed"]
    assert broken_down(tmp_path, text, after) == after


SILENT = (
    "INT. ATTIC - DAY\n\nA BUTLER (60s) lights the lamp and bows. Nobody sees the BUTLER.\n\nANNA\nNot now.\n\n"
    "EXT. BEACH - DAY\n\nThe Butler waits with a towel.\n\nGUARDS\nHalt, who goes there!\n\n"
    "RADIO (V.O.)\nStorm ahead tonight.\n\nANNA\nOh.\n\n"
)


@pytest.mark.parametrize(
    ("was", "now"), [("BUTLER", "VALET"), ("GUARDS", "SENTRIES"), ("RADIO", "WIRELESS")]
)
def test_who_never_speaks_a_group_or_a_voice_goes_on_under_another_name(
    tmp_path: Path, was: str, now: str
) -> None:
    before = broken_down(tmp_path, SILENT)
    text = SILENT.replace(was, now).replace(was.title(), now.title())
    after = broken_down(tmp_path, text, before)
    assert sorted(after["character"]) == sorted(before["character"])
    assert [(row["was"], row["now"]) for row in after["scene_index"]["renamed"]] == [(was, now)]
    assert after["character"][was.lower()]["formerly"] == [was]
    numbers = {row["id"]: row["number"] for row in before["scene_index"]["cast"]}
    assert {row["id"]: row["number"] for row in after["scene_index"]["cast"]} == numbers
    assert broken_down(tmp_path, text, after) == after


def test_another_silent_one_in_other_lines_is_no_rename(tmp_path: Path) -> None:
    before = broken_down(tmp_path, SILENT)
    text = SILENT.replace("A BUTLER (60s) lights the lamp and bows. Nobody sees the BUTLER.", "")
    text = text.replace("The Butler waits with a towel.", "A FISHERMAN (60s) mends his nets.")
    after = broken_down(tmp_path, text, before)
    assert "fisherman" in after["character"]
    assert after["scene_index"]["renamed"] == []


def test_two_who_may_both_go_on_as_one_are_not_guessed(tmp_path: Path) -> None:
    text = "INT. A - DAY\n\nA {} (40s) sits by the fire.\n\nA {} (40s) sits by the fire.\n\n"
    before = broken_down(tmp_path, text.format("NUN", "MONK"))
    after = broken_down(tmp_path, text.format("LADY", "LORD"), before)
    assert after["scene_index"]["renamed"] == []


def test_somebody_else_in_the_place_of_one_who_is_gone_is_no_rename(tmp_path: Path) -> None:
    before = broken_down(tmp_path, MAIN)
    text = MAIN.replace("JIM\nWhere is the old brass lamp that I left here?\n\n", "").replace(
        "JIM\nThe sea was never as loud as it is tonight.",
        "NORA\nWho goes there, friend or foe of ours?",
    )
    after = broken_down(tmp_path, text, before)
    assert "nora" in after["character"]
    assert after["scene_index"]["renamed"] == []


def test_both_named_by_hand_are_two(tmp_path: Path) -> None:
    before = broken_down(tmp_path, MAIN)
    text = MAIN.replace("JIM", "JAMES").replace("Jim", "James")
    after = broken_down(tmp_path, text, before, "characters:\n- name: JIM\n- name: JAMES\n")
    assert sorted(after["character"]) == ["anna", "james"]


def test_cast_numbers_are_kept_and_never_given_twice(tmp_path: Path) -> None:
    first = broken_down(tmp_path, MAIN)
    assert cast(first) == [(1, "JIM", False), (2, "ANNA", False)]
    without = (
        MAIN.replace("JIM\nWhere is the old brass lamp that I left here?\n\n", "")
        .replace("JIM\nThe sea was never as loud as it is tonight.\n\n", "")
        .replace("Jim looks", "She looks")
    )
    second = broken_down(
        tmp_path, without + "INT. HALL - DAY\n\nOTTO\nGood evening to you.\n\n", first
    )
    assert cast(second) == [(1, "JIM", True), (2, "ANNA", False), (3, "OTTO", False)]
    third = broken_down(tmp_path, MAIN, second)
    assert cast(third) == [(1, "JIM", False), (2, "ANNA", False), (3, "OTTO", True)]


def test_a_renamed_place_goes_on_under_the_same_id(tmp_path: Path) -> None:
    before = broken_down(tmp_path, MAIN)
    after = broken_down(tmp_path, MAIN.replace("EXT. BEACH", "EXT. STRAND"), before)
    assert after["location"]["beach"]["name"] == "STRAND"
    assert after["location"]["beach"]["formerly"] == ["BEACH"]


def test_the_alias_file_merges_renames_and_lets_a_cue_stand_for_several(tmp_path: Path) -> None:
    text = (
        MAIN
        + "INT. HALL - DAY\n\nTHE KID\nHi there.\n\nTHE PAIR\nGood night!\n\nSIGN\nKeep out.\n\n"
    )
    aliases = (
        "characters:\n- name: JAMES\n  also: [JIM, THE KID]\n- name: THE PAIR\n  stands_for: [JIM, ANNA]\n"
        "- name: SIGN\n  nobody: true\nlocations:\n- name: SHORE\n  also: [BEACH]\n"
    )
    made = broken_down(tmp_path, text, aliases=aliases)
    assert sorted(payload["name"] for payload in made["character"].values()) == ["ANNA", "JAMES"]
    (james,) = (entity for entity, each in made["character"].items() if each["name"] == "JAMES")
    assert said_by(made, james)[-2:] == ["Hi there.", "Good night!"]
    assert made["character"][james]["scenes"] == ["scene_1", "scene_2", "scene_3"]
    assert sorted(payload["name"] for payload in made["location"].values()) == [
        "ATTIC",
        "HALL",
        "SHORE",
    ]
    # The reports of such scenes know the same persons.
    assert [row["id"] for row in report(made["scene"]["scene_3"])["characters"]] == [james, "anna"]


def test_the_alias_file_splits_what_rules_would_join(tmp_path: Path) -> None:
    text = (
        "INT. A - DAY\n\nMR. SMITH\nOne.\n\nMR SMITH\nTwo.\n\nGUARD\nHalt.\n\n"
        "INT. B - DAY #7#\n\nGUARD\nStop.\n\n"
    )
    aliases = (
        "characters:\n- name: MR. SMITH\n- name: MR SMITH\n"
        "- name: GUARD AT THE GATE\n  also: [GUARD]\n  scenes: [7]\n"
    )
    made = broken_down(tmp_path, text, aliases=aliases)
    names = sorted(payload["name"] for payload in made["character"].values())
    assert names == ["GUARD", "GUARD AT THE GATE", "MR SMITH", "MR. SMITH"]


def test_an_alias_file_changes_only_what_it_touches(tmp_path: Path) -> None:
    before = broken_down(tmp_path, MAIN + "INT. HALL - DAY\n\nOTTO\nGood evening.\n\n")
    after = broken_down(
        tmp_path,
        MAIN + "INT. HALL - DAY\n\nOTTO\nGood evening.\n\n",
        before,
        "characters:\n- name: JAMES\n  also: [JIM]\n",
    )
    changed = [s for s in after["scene"] if after["scene"][s] != before["scene"][s]]
    assert "scene_3" not in changed
    assert after["character"]["otto"] == before["character"]["otto"]
    assert after["character"]["jim"]["name"] == "JAMES"


def test_a_misspelt_key_is_one_mistake(tmp_path: Path) -> None:
    with pytest.raises(ModuleFailed) as failed:
        broken_down(tmp_path, MAIN, aliases="characters:\n- nam: X\n")
    assert "has 1 mistake:" in str(failed.value)


def test_of_two_that_become_one_the_first_named_goes_on(tmp_path: Path) -> None:
    text = MAIN + "INT. HALL - DAY\n\nA KID\nHello, hello.\n\n"
    before = broken_down(tmp_path, text)
    after = broken_down(
        tmp_path, text, before, "characters:\n- {name: JAMES, also: [JIM, A KID]}\n"
    )
    assert after["character"]["jim"]["name"] == "JAMES"
    assert "a_kid" not in after["character"]


def test_who_is_known_from_a_cue_for_two_alone_is_known_by_their_voice(tmp_path: Path) -> None:
    text = "INT. A - DAY\n\nEVA\nWell?\n\nOTTO & EVA\nWell!\n\nOTTO'S VOICE\nGood.\n\n"
    assert sorted(broken_down(tmp_path, text)["character"]) == ["eva", "otto"]


def test_somebody_young_beside_a_voice_over_is_another(tmp_path: Path) -> None:
    text = "INT. A - DAY\n\nYOUNG EVA (8) runs.\n\nEVA (V.O.)\nI was fast then.\n\n"
    assert sorted(broken_down(tmp_path, text)["character"]) == ["eva", "young_eva"]


@pytest.mark.parametrize(
    ("aliases", "complaint"),
    [
        ("characters:\n- nam: X\n", r"aliases.yaml:2"),
        ("charakters: []\n", "charakters"),
        ("characters:\n- name: A\n  also: [C]\n- name: B\n  also: [C]\n", "'C' means 'A' already"),
        ("characters:\n- name: A\n  stands_for: [A]\n", "stands for itself"),
        ("characters: [\n", "aliases.yaml"),
        ("characters:\n- {name: A, also: [C]}\n- {name: A}\n", ":3: .*'A' has a line of its own"),
        ("characters:\n- {name: A, also: [B]}\n- {name: B, also: [A]}\n", "has 2 mistakes"),
        (
            "characters:\n- {name: A, stands_for: [B]}\n- {name: B, stands_for: [A]}\n",
            "no one person",
        ),
        ("locations:\n- {name: ' ', also: [ATTIC]}\n", "a name without a letter"),
    ],
)
def test_a_mistake_in_the_alias_file_is_told_with_its_place(
    tmp_path: Path, aliases: str, complaint: str
) -> None:
    with pytest.raises(ModuleFailed, match=complaint):
        broken_down(tmp_path, MAIN, aliases=aliases)


@pytest.mark.parametrize(
    ("cue", "names", "heard"),
    [
        ("ANNA V.O.", ["anna"], True),
        ("ANNA [V.O.]", ["anna"], True),
        ("ANNA (VO)", ["anna"], True),
        ("ANNA (V.O., CONT'D)", ["anna"], True),
        ("VOICE OF ANNA", ["anna"], True),
        ("ANNA’S VOICE", ["anna"], True),
        ("ANNA:", ["anna"], False),
        ("ANNA + JIM", ["anna", "jim"], False),
        ("ANNA, JIM", ["anna", "jim"], False),
        ("ANNA, JIM AND OTTO", ["anna", "jim", "otto"], False),
        ("ANNA & CO.", ["anna"], False),
        ("ANNA, JIM & CO", ["anna", "jim"], False),
        ("OTTO AND COMPANY", ["otto"], False),
        ("ANNA ET AL.", ["anna"], False),
        ("OTTO & SON", ["otto_son"], False),
        ("YOUNG ANNA", ["young_anna"], False),
        ("RADIO VOICE", ["radio_voice"], False),
        ("SUPER:", [], False),
    ],
)
def test_a_cue_is_read_for_the_persons_it_means(
    tmp_path: Path, cue: str, names: list[str], heard: bool
) -> None:
    made = broken_down(tmp_path, MAIN + f"INT. HALL - DAY\n\n{cue}\nGood evening to all.\n\n")
    (element,) = (e for e in made["scene"]["scene_3"]["elements"] if e["type"] == "character")
    assert (element["speakers"], element.get("heard", False)) == (names, heard)


def test_what_the_alias_file_names_and_the_script_does_not_say_is_told(tmp_path: Path) -> None:
    aliases = (
        "characters:\n- {name: JAMES, also: [JIMM, jim]}\n- {name: BOTH, stands_for: [JIM, ANNA]}\n"
    )
    aliases += "- {name: OTTO, also: [ANNA], scenes: [9]}\nlocations:\n- {name: SHORE, also: [BEECH, BEACH]}\n"
    warnings = broken_down(tmp_path, MAIN, aliases=aliases)["scene_index"]["warnings"]
    assert [each["message"] for each in warnings if each["code"] == "alias-of-nothing"] == [
        "aliases.yaml names what the script does not say (4): 'JIMM' (did you mean 'JIM'?), 'BOTH', scene 9,"
        " 'BEECH' (did you mean 'BEACH'?) (lines 2, 3, 4, 6 of aliases.yaml)"
    ]
