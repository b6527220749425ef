"""What the Snakefile of every project begins with: a Ctrl-C may come while all of it is loaded."""

from __future__ import annotations

from cineforge.bridge.process.signals import install_signal_handlers, interrupts_held_back

install_signal_handlers()

with interrupts_held_back():
    from cineforge.bridge.prepare import prepare

__all__ = ["prepare"]
