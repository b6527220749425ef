"""Running jobs: modules in warm worker processes, their results checked, reconciled and published."""
