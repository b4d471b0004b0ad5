"""The balance page's use cases: targets, the exact answer, the live descent, plans."""

from core.balancing import PeerResult, Reach, TradeoffCurve, default_settings
from core.services.balance.folds import FoldPlan, solve_folds
from core.services.balance.live import History, LiveBalance, Mark
from core.services.balance.outcome import Continuous, Outcome, WholeBalance, make_whole, solve
from core.services.balance.peers import compare_peers, peer_table
from core.services.balance.plans import (
    PlanEntry,
    app_version,
    delete_plan,
    list_plans,
    make_plan,
    plan_files,
    read_draft,
    save_plan,
    write_draft,
)
from core.services.balance.quantities import (
    compute_all_pixel_shares,
    pixel_table,
    quantity_table,
    read_pixel_targets,
)
from core.services.balance.tables import group_table, image_table
from core.services.balance.targets import (
    Preset,
    advice,
    default_spec,
    find_refusals,
    find_warnings,
    presets,
    read_target,
    write_target,
)
from core.services.balance.tradeoff import Tradeoff, TradeoffPoint, compute_tradeoff, take_point
from core.services.overview import label_table

__all__ = [
    "Continuous",
    "FoldPlan",
    "History",
    "LiveBalance",
    "Mark",
    "Outcome",
    "PeerResult",
    "PlanEntry",
    "Preset",
    "Reach",
    "Tradeoff",
    "TradeoffCurve",
    "TradeoffPoint",
    "WholeBalance",
    "advice",
    "app_version",
    "compare_peers",
    "compute_all_pixel_shares",
    "compute_tradeoff",
    "default_settings",
    "default_spec",
    "delete_plan",
    "find_refusals",
    "find_warnings",
    "group_table",
    "image_table",
    "label_table",
    "list_plans",
    "make_plan",
    "make_whole",
    "peer_table",
    "pixel_table",
    "plan_files",
    "presets",
    "quantity_table",
    "read_draft",
    "read_pixel_targets",
    "read_target",
    "save_plan",
    "solve",
    "solve_folds",
    "take_point",
    "write_draft",
    "write_target",
]
