"""One decision, from facts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cineforge.deciding.certain_changes import Past
from cineforge.deciding.decide import Facts, HeadFacts, decide
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import InputState, Reads, StageReads
from cineforge.deciding.reasons import RERUN_TRIGGERS, enabled_reasons
from cineforge.model.errors import DecisionFailed
from cineforge.model.metadata import GatheredSet
from cineforge.model.records.decision_record import Action, ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef

SCENE = ArtifactKey("scene", "scene_1")
REPORT = Instance("scene_report", "scene_1")
UPSTREAM = Instance("breakdown")


def content(letter: str) -> str:
    return "sha256:" + letter * 64


def ref(artifact_type: str, entity: str | None, version: int) -> ArtifactRef:
    return ArtifactRef(artifact_type=artifact_type, entity_id=entity, version=version)


COMMON = StageReads(
    code=content("c"),
    params={"tone": "dry"},
    config={"aspect_ratio": "2.39:1"},
    schemas={"scene_report": content("5")},
    sources={"story": content("7")},
)
READS = Reads(
    REPORT,
    COMMON,
    {"scene": (InputState(SCENE, ref("scene", "scene_1", 1), content("a")),), "friends": ()},
    (GatheredSet(role="friends", stage="breakdown", member_type="scene", ids=("scene_1",)),),
)


def head_of(reads: Reads, **changes: object) -> HeadFacts:
    """A head that was built from just these reads."""
    past = Past(
        reads.fingerprint(),
        {
            role: {state.key: (state.ref, state.content) for state in states}  # type: ignore[misc]
            for role, states in reads.inputs.items()
        },
        reads.gathered,
    )
    head = HeadFacts(ref("scene_report", "scene_1", 1), reads.digest, past=past)
    return replace(head, **changes)  # type: ignore[arg-type]


def with_scene(version: int, letter: str) -> Reads:
    state = InputState(SCENE, ref("scene", "scene_1", version), content(letter))
    return replace(READS, inputs={"scene": (state,), "friends": ()})


def kinds(facts: Facts) -> list[ReasonKind]:
    decision = decide(facts)
    assert decision.action is Action.BUILD
    return [reason.kind for reason in decision.reasons]


def test_nothing_there_yet_is_built() -> None:
    assert kinds(Facts(READS, None)) == [ReasonKind.NEVER_BUILT]


def test_the_same_work_is_kept() -> None:
    decision = decide(Facts(READS, head_of(READS)))
    assert decision.action is Action.KEEP
    assert not decision.reasons


def test_a_newer_input_with_the_same_content_is_kept() -> None:
    assert decide(Facts(with_scene(2, "a"), head_of(READS))).action is Action.KEEP


def test_a_changed_input_is_named_with_both_versions() -> None:
    (reason,) = decide(Facts(with_scene(2, "b"), head_of(READS))).reasons
    assert reason.kind is ReasonKind.UPSTREAM
    assert (reason.before, reason.after) == ("scene/scene_1@1", "scene/scene_1@2")


def test_each_part_of_the_fingerprint_is_a_reason_of_its_own() -> None:
    def changed(**parts: object) -> Facts:
        return Facts(replace(READS, stage=replace(COMMON, **parts)), head_of(READS))  # type: ignore[arg-type]

    assert kinds(changed(code=content("d"))) == [ReasonKind.CODE]
    assert kinds(changed(params={"tone": "wet"})) == [ReasonKind.PARAMS]
    assert kinds(changed(config={})) == [ReasonKind.CONFIG]
    assert kinds(changed(schemas={})) == [ReasonKind.SCHEMA]
    assert kinds(changed(sources={"story": content("8")})) == [ReasonKind.SOURCE]


def test_all_reasons_are_told() -> None:
    reads = replace(with_scene(2, "b"), stage=replace(COMMON, code=content("d"), params={}))
    assert kinds(Facts(reads, head_of(READS), forced=True)) == [
        ReasonKind.FORCED,
        ReasonKind.CODE,
        ReasonKind.PARAMS,
        ReasonKind.UPSTREAM,
    ]


def test_a_changed_set_of_members_names_who_came_and_went() -> None:
    gathered = replace(
        READS, gathered=(READS.gathered[0].model_copy(update={"ids": ("scene_2", "scene_3")}),)
    )
    (reason,) = decide(Facts(gathered, head_of(READS))).reasons
    assert reason.kind is ReasonKind.MEMBERS
    assert (reason.added, reason.removed) == (("scene_2", "scene_3"), ("scene_1",))


def test_an_input_that_went_away_is_a_reason() -> None:
    (reason,) = decide(
        Facts(replace(READS, inputs={**READS.inputs, "scene": ()}), head_of(READS))
    ).reasons
    assert (reason.kind, reason.before, reason.after) == (
        ReasonKind.UPSTREAM,
        "scene/scene_1@1",
        "",
    )


def test_with_upstream_yet_to_run_nothing_is_known() -> None:
    waiting = replace(
        READS, inputs={**READS.inputs, "scene": (InputState(SCENE, pending=UPSTREAM),)}
    )
    decision = decide(Facts(waiting, head_of(READS)))
    assert (decision.action, decision.pending) == (Action.UNKNOWN, (UPSTREAM,))


def test_a_certain_change_is_built_whatever_upstream_brings() -> None:
    waiting = replace(
        READS,
        stage=replace(COMMON, code=content("d")),
        inputs={**READS.inputs, "scene": (InputState(SCENE, pending=UPSTREAM),)},
    )
    decision = decide(Facts(waiting, head_of(READS)))
    assert decision.action is Action.BUILD
    assert decision.pending == (UPSTREAM,)


def test_members_not_known_yet_are_not_taken_for_gone() -> None:
    waiting = replace(READS, inputs={**READS.inputs, "scene": ()}, waits_for=(UPSTREAM,))
    assert decide(Facts(waiting, head_of(READS))).action is Action.UNKNOWN


def test_a_held_head_is_kept_even_when_forced_and_says_what_it_has_not_seen() -> None:
    decision = decide(Facts(with_scene(2, "b"), head_of(READS, held=True), forced=True))
    assert decision.action is Action.KEEP
    assert decision.flags.held
    assert [reason.after for reason in decision.reasons] == ["scene/scene_1@2"]


def test_a_change_that_was_examined_and_confirmed_is_kept() -> None:
    head = head_of(READS, examined={SCENE: content("b")})
    decision = decide(Facts(with_scene(2, "b"), head))
    assert decision.action is Action.KEEP
    assert decision.flags.confirmed


def test_a_confirmation_does_not_cover_what_came_later() -> None:
    head = head_of(READS, examined={SCENE: content("b")})
    assert decide(Facts(with_scene(3, "e"), head)).action is Action.BUILD


def test_a_revision_asked_for_counts_as_forced() -> None:
    decision = decide(Facts(READS, head_of(READS, needs_revision=True)))
    assert [reason.kind for reason in decision.reasons] == [ReasonKind.NEEDS_REVISION]
    assert decision.flags.forced


def test_a_released_human_version_is_built_anew() -> None:
    human = HeadFacts(ref("scene_report", "scene_1", 2), digest=None)
    assert kinds(Facts(READS, human)) == [ReasonKind.RELEASED]


def test_a_held_human_version_that_has_seen_everything_says_nothing() -> None:
    human = head_of(READS, digest=None, held=True)
    decision = decide(Facts(READS, human))
    assert decision.action is Action.KEEP
    assert decision.reasons == ()


def test_a_held_human_version_tells_what_changed_under_the_one_it_was_edited_from() -> None:
    human = head_of(READS, digest=None, held=True)
    (reason,) = decide(Facts(with_scene(2, "b"), human)).reasons
    assert reason.after == "scene/scene_1@2"


def test_a_head_to_be_used_as_it_is_is_kept_and_tells_what_it_has_not_seen() -> None:
    decision = decide(Facts(with_scene(2, "b"), head_of(READS), forced=True, as_is=True))
    assert decision.action is Action.KEEP
    assert decision.flags.as_is
    assert len(decision.reasons) == 1


def test_what_was_never_built_cannot_be_used_as_it_is() -> None:
    with pytest.raises(DecisionFailed, match="start from an earlier stage"):
        decide(Facts(READS, None, as_is=True))


def test_every_trigger_counts_alone_and_what_no_trigger_stands_for_always() -> None:
    assert enabled_reasons(RERUN_TRIGGERS) == set(ReasonKind)
    always = {
        ReasonKind.NEVER_BUILT,
        ReasonKind.FORCED,
        ReasonKind.NEEDS_REVISION,
        ReasonKind.RELEASED,
    }
    assert enabled_reasons(["mtime", "software-env"]) == always
    assert enabled_reasons(["code"]) == always | {ReasonKind.CODE, ReasonKind.SCHEMA}


def test_a_reason_that_is_left_out_keeps_the_head_and_is_told() -> None:
    facts = Facts(with_scene(2, "b"), head_of(READS), enabled=enabled_reasons(["code"]))
    decision = decide(facts)
    assert (decision.action, decision.flags.left_out, decision.is_reported) == (
        Action.KEEP,
        True,
        True,
    )
    assert [reason.after for reason in decision.reasons] == ["scene/scene_1@2"]


def test_a_build_tells_the_reasons_that_were_left_out_as_well() -> None:
    reads = replace(with_scene(2, "b"), stage=replace(COMMON, code=content("d")))
    facts = Facts(reads, head_of(READS), enabled=enabled_reasons(["code"]))
    assert kinds(facts) == [ReasonKind.CODE, ReasonKind.UPSTREAM]


def test_without_inputs_counting_nothing_is_waited_for() -> None:
    waiting = replace(
        READS, inputs={**READS.inputs, "scene": (InputState(SCENE, pending=UPSTREAM),)}
    )
    decision = decide(Facts(waiting, head_of(READS), enabled=enabled_reasons(["code"])))
    assert (decision.action, decision.pending) == (Action.KEEP, (UPSTREAM,))
    assert decision.flags.left_out


@pytest.mark.parametrize("facts", [{"forced": True}, {"needs_revision": True}, {"digest": None}])
def test_what_a_person_asked_for_is_never_left_out(facts: dict[str, object]) -> None:
    forced = bool(facts.pop("forced", False))
    enabled = enabled_reasons(["mtime"])
    assert kinds(Facts(READS, head_of(READS, **facts), forced, enabled=enabled))


def test_what_format_1_digests_never_changes() -> None:
    """If it must hold something else, that is another format: docs/decisions.md says what that needs."""
    made_before = "sha256:d7e6d94a930445e62b1ee9d0fb6ab9004845df705fc7a4b948bdd0a3d477595f"
    assert READS.fingerprint().format == 1
    head = HeadFacts(ref("scene_report", "scene_1", 1), made_before)
    assert decide(Facts(READS, head)).action is Action.KEEP
