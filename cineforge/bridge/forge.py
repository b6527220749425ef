"""What workflows compiled by earlier releases import: `cineforge compile` may have written them anywhere."""

from cineforge.bridge.entry import WorkflowEntry as Forge

__all__ = ["Forge"]
