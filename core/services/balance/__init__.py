"""The balance page's use cases: targets, the exact answer, the live descent, plans."""

from core.balancing import PeerResult, Reach, TradeoffCurve, default_settings
from core.plans.changes import DatasetChanges
from core.plans.plan import BalancePlan
from core.services.balance.comparison import class_comparison, compute_worst_miss, plan_figures
from core.services.balance.folds import FoldPlan, solve_folds
from core.services.balance.live import History, LiveBalance, Mark
from core.services.balance.outcome import Continuous, Outcome, WholeBalance, make_whole, solve
from core.services.balance.peers import compare_peers, peer_table
from core.services.balance.plans import (
    PlanEntry,
    app_version,
    delete_plan,
    import_plan,
    list_plans,
    make_plan,
    open_plan,
    plan_files,
    plan_path,
    plan_stamps,
    read_draft,
    read_entry,
    rename_plan,
    save_plan,
    sort_plans,
    write_draft,
)
from core.services.balance.quantities import (
    compute_all_pixel_shares,
    pixel_table,
    quantity_table,
    read_pixel_targets,
)
from core.services.balance.renewal import Renewed, find_plan_changes, fit_spec, resolve_plan
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
    "BalancePlan",
    "Continuous",
    "DatasetChanges",
    "FoldPlan",
    "History",
    "LiveBalance",
    "Mark",
    "Outcome",
    "PeerResult",
    "PlanEntry",
    "Preset",
    "Reach",
    "Renewed",
    "Tradeoff",
    "TradeoffCurve",
    "TradeoffPoint",
    "WholeBalance",
    "advice",
    "app_version",
    "class_comparison",
    "compare_peers",
    "compute_all_pixel_shares",
    "compute_tradeoff",
    "compute_worst_miss",
    "default_settings",
    "default_spec",
    "delete_plan",
    "find_plan_changes",
    "find_refusals",
    "find_warnings",
    "fit_spec",
    "group_table",
    "image_table",
    "import_plan",
    "label_table",
    "list_plans",
    "make_plan",
    "make_whole",
    "open_plan",
    "peer_table",
    "pixel_table",
    "plan_figures",
    "plan_files",
    "plan_path",
    "plan_stamps",
    "presets",
    "quantity_table",
    "read_draft",
    "read_entry",
    "read_pixel_targets",
    "read_target",
    "rename_plan",
    "resolve_plan",
    "save_plan",
    "solve",
    "solve_folds",
    "sort_plans",
    "take_point",
    "write_draft",
    "write_target",
]
