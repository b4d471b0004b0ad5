"""Folds that leak nothing: groups first, then k disjoint test parts with the classes spread evenly."""

from core.splitting.folds import Split, Unsplittable, split_groups
from core.splitting.groups import join_groups
from core.splitting.leakage import check_no_leakage
from core.splitting.names import tie_names
from core.splitting.near import NearPairs, find_near_pairs

__all__ = [
    "NearPairs",
    "Split",
    "Unsplittable",
    "check_no_leakage",
    "find_near_pairs",
    "join_groups",
    "split_groups",
    "tie_names",
]
