# Plain `snakemake` for a CineForge project: compiles the recipe that the project names, and runs it.
from cineforge.bridge.snakefile import prepare


include: prepare(config, workflow)


# An included file does not set the default target.
workflow.default_target = "all"


# Nor its hooks.
onsuccess:
    forge.run_succeeded()


onerror:
    forge.run_failed()
