"""The graph of a project's artifacts, as `cineforge graph --format json` says it and as every picture is drawn from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from cineforge.model.refs import EntityId, Strict, TypeName

Count = Annotated[int, Field(ge=0)]


class GraphNode(Strict):
    """One artifact by its head, a group of artifacts of one type, or an exact version that has been followed.

    `id` is `scene/scene_7`, `scene` or `scene/scene_7@1`. `health` counts the heads in each state, and those that have
    `vanished`. `held` counts heads that no run replaces, `by_hand` those of them that a person made, `edits` all
    versions that people made. `changed` names the heads that made others stale; `out_of_date` the first members of a
    group that are stale or of which a revision is asked for. `version` and what follows it is of one artifact alone.
    `asked`: it was named by who asked. What reads `to_approve` of them waits until somebody approves these.
    """

    id: str
    kind: Literal["artifact", "group", "version"]
    type: TypeName
    entity: EntityId | None = None
    count: Annotated[int, Field(ge=1)] = 1
    versions: Count
    health: dict[str, Count]
    held: Count = 0
    by_hand: Count = 0
    edits: Count = 0
    to_approve: Count = 0
    changed: tuple[str, ...] = ()
    out_of_date: tuple[str, ...] = ()
    version: int | None = None
    followed_by: int | None = None
    made_at: AwareDatetime | None = None
    run_id: str | None = None
    asked: bool = False


class GraphEdge(Strict):
    """From what was read to what was made of it; `count` of them where groups are.

    `changed` counts those whose reader is stale because what it read is another now, `carried` those by which it is
    stale because what it read is stale itself. `members`: what was gathered is a set, told by a collection. `used` is
    the version that was read, where that is one and not the head.
    """

    source: str
    target: str
    kind: Literal["lineage", "members"] = "lineage"
    count: Annotated[int, Field(ge=1)] = 1
    changed: Count = 0
    carried: Count = 0
    used: int | None = None


class GraphChange(Strict):
    """A head that makes others stale: `direct` of them stand on what was there before. `node` is where it is drawn.

    Who made it, when and why is null where its record was not read, or is damaged.
    """

    ref: str
    node: str
    direct: Count
    by: str | None = None
    why: str | None = None
    made_at: AwareDatetime | None = None


class ArtifactGraph(Strict):
    """`artifacts` is how many the nodes stand for. Changes: the one that most stand on comes first."""

    artifacts: Count
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    changes: tuple[GraphChange, ...]
