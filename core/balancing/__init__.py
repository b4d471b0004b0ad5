"""Balancing multi-label data towards a target vector: the proved optimum, and the descent to it (S1)."""

from core.balancing.build import build_problem
from core.balancing.cautions import find_warnings
from core.balancing.checks import check_bounds, check_spec
from core.balancing.descent import Descent, DescentState
from core.balancing.folds import restrict_spec, restrict_table
from core.balancing.grouping import group_label_vectors
from core.balancing.parametrisations import default_settings
from core.balancing.peers import PeerResult, compare_on_table, compare_peers
from core.balancing.presets import PIXEL_PRESETS, PRESETS, Preset, bound_ess, find_rare, target_advice
from core.balancing.problem import BalanceProblem
from core.balancing.reach import Reach, assess_reach
from core.balancing.rounding import WholeCopies, round_copies
from core.balancing.shares import build_share_table, join_tables
from core.balancing.solve import BalanceSolution, solve
from core.balancing.spreading import CopySummary, spread_copies, summarise_copies
from core.balancing.targets import complete_targets
from core.balancing.tradeoff import TradeoffCurve, compute_tradeoff

__all__ = [
    "PIXEL_PRESETS",
    "PRESETS",
    "BalanceProblem",
    "BalanceSolution",
    "CopySummary",
    "Descent",
    "DescentState",
    "PeerResult",
    "Preset",
    "Reach",
    "TradeoffCurve",
    "WholeCopies",
    "assess_reach",
    "bound_ess",
    "build_problem",
    "build_share_table",
    "check_bounds",
    "check_spec",
    "compare_on_table",
    "compare_peers",
    "complete_targets",
    "compute_tradeoff",
    "default_settings",
    "find_rare",
    "find_warnings",
    "group_label_vectors",
    "join_tables",
    "restrict_spec",
    "restrict_table",
    "round_copies",
    "solve",
    "spread_copies",
    "summarise_copies",
    "target_advice",
]
