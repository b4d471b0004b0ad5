"""The workspace on disk: settings, paths, atomic writes, guarded reads."""
