"""The outcome of a balance, where services look for it."""

from core.plans.outcome import (
    Continuous,
    Outcome,
    WholeBalance,
    from_solution,
    from_state,
    make_whole,
    solve,
)

__all__ = ["Continuous", "Outcome", "WholeBalance", "from_solution", "from_state", "make_whole", "solve"]
