"""Run folders: the frozen input, the events, and the state of background work."""
