"""The causes of staleness as sets that flow down the graph: pure, over any kind of node."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from cineforge.model.refs import ArtifactRef

Node = TypeVar("Node", bound=Hashable)


class CauseKind(StrEnum):
    CONTENT = "content"  # a newer version of something read has other content
    MEMBERS = "members"  # the set of entities that was gathered is another now


@dataclass(frozen=True)
class Cause:
    """One upstream change that makes a version stale.

    `head` is what is there now; `used` the version that was read instead (None for `members`). `path` leads from the
    stale version (first) down to the version whose own basis differs (last): for a two-level change two long.
    `came` and `went` are the entity ids of a `members` change.
    """

    kind: CauseKind
    head: ArtifactRef
    used: ArtifactRef | None
    path: tuple[ArtifactRef, ...]
    role: str = ""
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


@dataclass
class CauseGraph(Generic[Node]):
    """What is needed to tell the causes of some nodes: every map may leave nodes out.

    `direct`: changes in the node's own basis, as artifacts; `above`: the nodes it stands on; `removed`: the
    artifacts whose heads its latest assessment examined as they are now.
    """

    direct: dict[Node, set[int]] = field(default_factory=dict)
    above: dict[Node, list[Node]] = field(default_factory=dict)
    removed: dict[Node, set[int]] = field(default_factory=dict)

    def causes(self) -> dict[Node, set[int]]:
        """The least sets with causes(x) = (direct(x) + causes of all above x) - removed(x)."""
        downstream: dict[Node, list[Node]] = {}
        for node, above in self.above.items():
            for upper in above:
                downstream.setdefault(upper, []).append(node)
        found: dict[Node, set[int]] = {}
        pending: deque[tuple[Node, set[int]]] = deque(self.direct.items())
        while pending:
            node, arriving = pending.popleft()
            known = found.setdefault(node, set())
            fresh = arriving - known - self.removed.get(node, set())
            if fresh:
                known |= fresh
                pending.extend((lower, fresh) for lower in downstream.get(node, ()))
        return found

    def unassessed(self, node: Node, causes: Mapping[Node, Collection[int]]) -> set[int]:
        """What causes(node) would be if its own assessment removed nothing, given all the others."""
        return self.direct.get(node, set()).union(
            *(causes.get(up, ()) for up in self.above.get(node, ()))
        )

    def path(self, start: Node, cause: int) -> list[Node]:
        """The shortest way from `start` up to a node that has `cause` directly, through none that removes it."""
        came_from: dict[Node, Node | None] = {start: None}
        pending = deque([start])
        while pending:
            node = pending.popleft()
            if cause in self.removed.get(node, ()):
                continue
            if cause in self.direct.get(node, ()):
                way: list[Node] = []
                step: Node | None = node
                while step is not None:
                    way.append(step)
                    step = came_from[step]
                return way[::-1]
            for upper in self.above.get(node, ()):
                if upper not in came_from:
                    came_from[upper] = node
                    pending.append(upper)
        return []
