"""What the words of a command line mean, from a recipe and the members of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.commands.shared.run_request import NAMED_ONE_BY_ONE, RunRequest, snakemake_targets
from cineforge.deciding.instance import Instance
from cineforge.deciding.selection import Pattern, Selection, everything, resolve_words
from cineforge.model.errors import DecisionFailed
from cineforge.recipes.load import load_recipe
from cineforge.recipes.resolved import ResolvedRecipe

ROOT = Path(__file__).resolve().parents[2]


class Members:
    """Members as a project may have them; `opened` types have a fan-out that is yet to run."""

    def __init__(self, opened: tuple[str, ...] = (), **ids: tuple[str, ...]) -> None:
        self._ids, self._opened = ids, opened

    def has(self, entity_type: str, entity: str) -> bool | None:
        return None if self.is_open(entity_type) else entity in self.today(entity_type)

    def today(self, entity_type: str) -> tuple[str, ...]:
        return self._ids.get(entity_type, ())

    def is_open(self, entity_type: str) -> bool:
        return entity_type in self._opened


KNOWN = Members(echo_item=("a", "b"), echo_group=("red",), echo_part=("a.x", "a.y", "b.x"))
FRESH = Members(opened=("echo_item", "echo_group", "echo_part"))


@pytest.fixture(scope="module")
def recipe() -> ResolvedRecipe:
    return load_recipe(ROOT / "recipes" / "echo.yaml", project=ROOT, variables={})


def stages(*names: str) -> Selection:
    return Selection(stages=frozenset(names))


def instances(*names: tuple[str, str | None]) -> Selection:
    return Selection(instances=frozenset(Instance(*name) for name in names))


def patterns(*names: tuple[str, str]) -> Selection:
    return Selection(patterns=frozenset(Pattern(*name) for name in names))


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("echo_copy", stages("echo_copy")),
        ("all_echo_copy", stages("echo_copy")),
        ("echo_part", stages("echo_parts")),
        ("echo_parts.members", stages("echo_parts")),
        ("echo_copy/a", instances(("echo_copy", "a"))),
        ("current/echo_copy/a.json", instances(("echo_copy", "a"))),
        ("./current/echo_mirror/_.json", instances(("echo_mirror", None))),
        ("echo_parts/a", instances(("echo_parts", "a"))),
        ("echo_item/a", instances(("echo_split", None))),
        ("echo_part/a.x", instances(("echo_parts", "a"))),
        ("echo_copy/*", patterns(("echo_copy", "*"))),
        ("echo_part/a.*", instances(("echo_parts", "a"))),
        ("echo_p*", stages("echo_parts", "echo_part_copy", "echo_pick")),
        ("red", patterns(("echo_pick", "red"))),
        (
            "a",
            patterns(
                ("echo_copy", "a"),
                ("echo_parts", "a"),
                ("echo_item_parts", "a"),
                ("echo_part_copy", "a.*"),
            ),
        ),
        ("a.x", patterns(("echo_part_copy", "a.x"))),
    ],
)
def test_a_word_means(recipe: ResolvedRecipe, word: str, meant: Selection) -> None:
    assert resolve_words([word], recipe, KNOWN) == meant


def test_all_is_every_stage(recipe: ResolvedRecipe) -> None:
    assert resolve_words(["all", "echo_copy/a"], recipe, KNOWN).stages == everything(recipe).stages


def test_before_a_fan_out_has_run_names_and_globs_are_taken_on_trust(
    recipe: ResolvedRecipe,
) -> None:
    assert resolve_words(["echo_copy/zz"], recipe, FRESH) == instances(("echo_copy", "zz"))
    assert resolve_words(["echo_copy/z*"], recipe, FRESH) == patterns(("echo_copy", "z*"))
    assert resolve_words(["echo_item/z*"], recipe, FRESH) == instances(("echo_split", None))
    emitted = Pattern("echo_parts", "z.*", emitted=True)
    assert resolve_words(["echo_part/z.*"], recipe, FRESH) == Selection(
        patterns=frozenset({emitted})
    )
    assert (emitted.matches("z"), emitted.matches("y")) == (True, False)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("echo_cpoy", "did you mean 'echo_copy'?"),
        ("echo_cpoy/a", "there is no type 'echo_cpoy'; did you mean 'echo_copy'?"),
        ("echo_copy/bb", "did you mean 'echo_copy/b'?"),
        ("echo_mirror/a", "leave out '/a'"),
        ("echo_copy/_", "name one echo_item, or 'echo_copy'"),
        ("echo_copy/a@2", "it names a version"),
        ("echo_copy/z*", "nothing matches; there are echo_item/a, echo_item/b"),
        ("zz*", "no stage matches"),
        ("z*/a", "no type matches"),
        ("rad", "did you mean 'red'?"),
        ("echo_copy/A B", "is not a valid name"),
    ],
)
def test_a_word_without_a_meaning_names_the_nearest_that_has_one(
    recipe: ResolvedRecipe, word: str, hint: str
) -> None:
    with pytest.raises(DecisionFailed) as said:
        resolve_words([word], recipe, KNOWN)
    assert hint in str(said.value)
    assert f"'{word}'" in str(said.value)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["echoo"], "no 'echoo': did you mean 'echo_copy', or the recipe 'echo'?"),
        (["screenpla"], "no 'screenpla': did you mean the recipe 'screenplay'?"),
        (
            ["echoo", "zzzz"],
            "'echoo': did you mean 'echo_copy', or the recipe 'echo'?\n  'zzzz': known",
        ),
        (["echo_mirror", "echoo"], "'echoo': did you mean 'echo_copy'?"),
        (["zzzz"], "no 'zzzz': known: echo_all, "),
        (["echoo/a"], "there is no type 'echoo'; did you mean 'echo_copy'?"),
    ],
)
def test_the_first_word_may_have_been_meant_for_a_recipe(
    recipe: ResolvedRecipe, words: list[str], hint: str
) -> None:
    with pytest.raises(DecisionFailed) as said:
        resolve_words(words, recipe, KNOWN, ["echo", "screenplay"])
    assert hint in str(said.value)


def test_all_wrong_words_are_told_at_once(recipe: ResolvedRecipe) -> None:
    with pytest.raises(DecisionFailed, match=r"2 words(.|\n)*'echo_cpoy'(.|\n)*'echo_copy/bb'"):
        resolve_words(["echo_cpoy", "echo_mirror", "echo_copy/bb"], recipe, KNOWN)


@pytest.mark.parametrize(
    ("glob", "scope", "can"),
    [
        ("a.*", "a", True),
        ("a.*", "ab", False),
        ("*", "a", True),
        ("*x", "a", True),
        ("a.x", "a", True),
        ("a", "a", False),
        ("scene_1*", "scene_12", True),
        ("scene_1*.f?", "scene_2", False),
        ("s?ene_[12].*", "scene_2", True),
        ("a.x.y", "a.x", True),
        ("a.x.y", "a", True),
        ("a.x.y", "a.z", False),
    ],
)
def test_which_fan_outs_can_name_what_a_glob_asks_for(glob: str, scope: str, can: bool) -> None:
    assert Pattern("any", glob).may_emit_match(scope) is can


def request_of(asked: Selection, forced: Selection | None = None) -> RunRequest:
    return RunRequest(asked, {"forced": forced} if forced else {}, False, False, (), (), None)


def test_stages_and_single_artifacts_are_named_to_snakemake(recipe: ResolvedRecipe) -> None:
    asked = stages("echo_copy") | instances(("echo_parts", "a"), ("echo_mirror", None))
    said = snakemake_targets(request_of(asked, stages("echo_copy")), recipe)
    assert said.targets == (
        "all_echo_copy",
        "current/echo_mirror/_.json",
        "current/echo_parts.members/a.json",
    )
    assert said.forcerun == ("echo_copy",)
    assert said.carried is None


def test_everything_is_snakemakes_all(recipe: ResolvedRecipe) -> None:
    assert snakemake_targets(request_of(everything(recipe)), recipe).targets == ("all",)


def test_patterns_go_beside_the_stages_that_they_narrow(recipe: ResolvedRecipe) -> None:
    asked = stages("echo_mirror") | patterns(("echo_copy", "a*"))
    said = snakemake_targets(request_of(asked, patterns(("echo_copy", "a*"))), recipe)
    assert said.targets == ("all_echo_mirror", "all_echo_copy")
    assert said.carried is not None
    assert (said.carried.targets, said.carried.forced) == (asked, patterns(("echo_copy", "a*")))


def test_very_many_names_do_not_go_on_the_command_line(recipe: ResolvedRecipe) -> None:
    many = instances(*(("echo_copy", f"item_{n}") for n in range(NAMED_ONE_BY_ONE + 1)))
    said = snakemake_targets(request_of(many, many), recipe)
    assert said.targets == ("all_echo_copy",)
    assert said.forcerun == ()
    assert said.carried is not None
    assert said.carried.targets == many
    assert said.carried.forced == many
