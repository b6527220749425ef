"""Trial runs under the Snakemake and Python versions that pyproject.toml allows."""
