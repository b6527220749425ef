"""Copied into the folders of the tools, for their own environments: nothing here is imported by the benchmark."""
