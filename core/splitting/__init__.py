"""Folds that leak nothing: groups first, then k disjoint test parts with the classes spread evenly."""

from core.splitting.folds import Split, Unsplittable, split_groups
from core.splitting.groups import join_groups
from core.splitting.leakage import check_no_leakage
from core.splitting.names import tie_names

__all__ = ["Split", "Unsplittable", "check_no_leakage", "join_groups", "split_groups", "tie_names"]
