# Plain `snakemake` for a CineForge project: compiles the recipe that the project names, and runs it.
from cineforge.bridge.process.signals import (
    install_signal_handlers,
    interrupts_held_back,
)

# A Ctrl-C may come while the rest is loaded.
install_signal_handlers()

with interrupts_held_back():
    from cineforge.bridge.prepare import prepare


include: prepare(config, workflow)


# An included file does not set the default target.
workflow.default_target = "all"


# Nor its hooks.
onsuccess:
    forge.run_succeeded()


onerror:
    forge.run_failed()
