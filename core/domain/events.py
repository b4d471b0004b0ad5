"""What a running job says while it works."""

from typing import Literal

from pydantic import Field

from core.domain.base import FrozenModel


class RunEvent(FrozenModel):
    """One line of `events.jsonl`."""

    time: float = Field(description="Seconds since the epoch, UTC")
    kind: Literal["queued", "started", "progress", "finished", "failed", "cancelled"]
    done: int = Field(default=0, ge=0, description="Units finished")
    total: int = Field(default=0, ge=0, description="Units in all; 0 while unknown")
    message: str = Field(default="", description="One sentence fit to show")
