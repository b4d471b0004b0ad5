"""The scan: counting every mask once, in parallel, with a cache."""
