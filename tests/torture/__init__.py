"""Trials that try to make the store lose something: `make torture` runs them all, `make test` a few of each kind."""
