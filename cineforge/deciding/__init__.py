"""What is to be done for an instance: one pure function, and the planner that gathers its facts."""
