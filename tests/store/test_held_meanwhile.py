"""A hold or a person's version that comes just before a machine's is published: nothing stands above it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from cineforge.model.health import Hold, HoldAction
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, HeldMeanwhile, Publication, stage_payload
from cineforge.store import writer as module
from cineforge.store.publishing import single
from cineforge.store.publishing.batch import commit_intents, complete

from .scene import BY_HAND, SCENE, head_of

MADE = Provenance(source=Source.AI)

Publish = Callable[[int, int, Callable[[ArtifactStore], object]], Sequence[ArtifactRef | None]]


OTHER = SCENE._replace(entity_id="another")


def hold(store: ArtifactStore, action: HoldAction = HoldAction.HOLD) -> None:
    store.record_hold(
        Hold(
            artifact_type=SCENE.artifact_type,
            entity_id=SCENE.entity_id,
            action=action,
            who="ann",
            why="",
        )
    )


def put(store: ArtifactStore) -> None:
    store.save_artifact(*SCENE, "mine", BY_HAND)


def staged(store: ArtifactStore, number: int, *keys: ArtifactKey) -> list[Publication]:
    """Versions of a machine's, ready to be published."""
    payloads = [stage_payload(store.project, key, "machine", {}, store.owner) for key in keys]
    return [Publication(each, MADE, number) for each in payloads]


@pytest.fixture
def film(store: ArtifactStore) -> ArtifactStore:
    """A store with one version, made by a machine."""
    store.save_artifact(*SCENE, "first", MADE)
    return store


@pytest.fixture
def publish(film: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Publishes a machine's version, alone or with another's, while a person acts at the last moment there is."""

    def published(
        count: int, number: int, act: Callable[[ArtifactStore], object]
    ) -> Sequence[ArtifactRef | None]:
        batch = staged(film, number, *[SCENE, OTHER][:count])
        bring, left = single.SinglePublication._bring_to_disk, [act]

        def acting(function: Callable[..., Any]) -> Callable[..., Any]:
            def acted(*args: Any, **kwargs: Any) -> Any:
                if left:
                    act = left.pop()
                    with ArtifactStore(film.project) as other:
                        act(other)
                return function(*args, **kwargs)

            return acted

        monkeypatch.setattr(single.SinglePublication, "_bring_to_disk", acting(bring))
        monkeypatch.setattr(module, "commit_intents", acting(commit_intents))
        return film.publish(batch, unless_held=True)

    return published


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_held_at_the_last_moment_is_not_replaced(
    film: ArtifactStore, publish: Publish, count: int
) -> None:
    first = film.head(SCENE)
    with pytest.raises(HeldMeanwhile) as refused:
        publish(count, 2, hold)
    assert refused.value.heads == (first,)
    assert film.head(SCENE) == first
    assert film.head(OTHER) is None, "of a batch all is published or nothing"


@pytest.mark.parametrize("count", [1, 2])
def test_a_persons_version_that_came_first_is_not_replaced(
    film: ArtifactStore, publish: Publish, count: int
) -> None:
    with pytest.raises(HeldMeanwhile):
        publish(count, 3, put)
    assert film.checked_data(head_of(film, SCENE)) == "mine"


@pytest.mark.parametrize("count", [1, 2])
def test_what_a_persons_version_has_passed_is_published_below_it(
    film: ArtifactStore, publish: Publish, count: int
) -> None:
    film.reserve([SCENE], "monday")
    published = publish(count, 2, put)[0]
    assert published is not None and published.version == 2
    assert film.checked_data(head_of(film, SCENE)) == "mine"


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_released_at_the_last_moment_is_replaced(
    film: ArtifactStore, publish: Publish, count: int
) -> None:
    hold(film)
    publish(count, 2, lambda other: hold(other, HoldAction.RELEASE))
    assert film.checked_data(head_of(film, SCENE)) == "machine"


def test_what_was_not_published_is_still_there_to_be_kept(film: ArtifactStore) -> None:
    hold(film)
    (publication,) = staged(film, 2, SCENE)
    with pytest.raises(HeldMeanwhile):
        film.publish([publication], unless_held=True)
    assert (publication.staged.folder / "data.json").is_file()


def test_of_many_versions_just_what_is_held_is_named(film: ArtifactStore) -> None:
    hold(film)
    keys = [SCENE, *(SCENE._replace(entity_id=f"n{count}") for count in range(60))]
    batch = staged(film, 2, *keys)
    with pytest.raises(HeldMeanwhile) as refused:
        film.publish(batch, unless_held=True)
    assert [head.key for head in refused.value.heads] == [SCENE]
    assert len(film.publish(batch[1:], unless_held=True)) == 60


def test_a_hold_that_comes_after_a_batch_was_declared_waits_for_it(
    film: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    holding = threading.Event()

    def hold_it() -> None:
        with ArtifactStore(film.project) as other:
            holding.set()
            hold(other)
            seen.append(head_of(other, SCENE).version)

    def slowly(*args: Any, **kwargs: Any) -> Any:
        person.start()
        holding.wait()
        person.join(0.2)
        return complete(*args, **kwargs)

    person = threading.Thread(target=hold_it)
    monkeypatch.setattr(module, "complete", slowly)
    film.publish(staged(film, 2, SCENE, OTHER), unless_held=True)
    person.join()
    assert seen == [2]
    assert film.heads()[SCENE].held
