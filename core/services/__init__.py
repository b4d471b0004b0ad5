"""The use cases: what pages and the command line ask for. No torch here, not even indirectly."""
