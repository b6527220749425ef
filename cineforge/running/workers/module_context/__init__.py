"""What a module is handed, and what its context keeps for it: paid calls, emitted members, its purity."""
