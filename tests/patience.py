"""How long tests wait for what an idle machine does in a moment: long enough for one that is busy with other work."""

from __future__ import annotations

#: Seconds. Nothing is slower for it: who waits this long waits for what never comes.
PATIENCE = 300
