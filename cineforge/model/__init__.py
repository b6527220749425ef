"""The words of the project as types: names, refs, versions, health. No I/O happens here."""
