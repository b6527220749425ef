"""Jobs in other processes, on any host."""
