"""Where CineForge meets Snakemake: the compiler, and the object that compiled workflows talk to."""
