"""The one door to Snakemake: no other package imports it or touches its objects.

Every attribute, method and log text relied on here is named in `tests/bridge/snakemake/reliance.py`, with what breaks
without it.
"""
