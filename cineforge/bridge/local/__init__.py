"""Jobs in this process's own workers, and the links of `current/`."""
