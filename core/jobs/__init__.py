"""Work that runs elsewhere: detached processes, one folder a run."""
