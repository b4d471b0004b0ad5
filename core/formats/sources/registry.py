"""The sources by name."""

from core.formats.sources.protocol import Source

SOURCES: dict[str, Source] = {}
