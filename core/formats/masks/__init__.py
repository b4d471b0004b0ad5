"""The mask formats: one file each, one protocol, one registry."""
