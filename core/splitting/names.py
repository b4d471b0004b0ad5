"""The names of groups once images are tied together that their names keep apart."""

from collections.abc import Sequence


def tie_names(names: Sequence[str], ids: Sequence[str], ties: Sequence[Sequence[str]]) -> list[str]:
    """Give the samples of each tie, and all of their groups, one name.

    Groups that are tied are called by all their names; samples without a name by the first of their ids.

    Args:
        names: `(N,)` group of each sample; the empty text is a group of its own.
        ids: `(N,)` ids of the samples, unique.
        ties: Ids that belong together; those that are no sample's are passed over.

    Returns:
        `(N,)` group of each sample.

    >>> tie_names(["p1", "p2", "", ""], ["a", "b", "c", "d"], [("a", "b"), ("c", "d")])
    ['p1 + p2', 'p1 + p2', 'c', 'c']
    """
    wanted = {id_ for tie in ties for id_ in tie}
    place_of = {id_: place for place, id_ in enumerate(ids) if id_ in wanted}
    head: dict[str, str] = {}  # group or lone sample -> one that it is tied to, up to the root

    def root(key: str) -> str:
        while head[key] != key:
            head[key] = head[head[key]]
            key = head[key]
        return key

    for tie in ties:
        keys = [_key(names, ids, place_of[id_]) for id_ in tie if id_ in place_of]
        for key in keys:
            head.setdefault(key, key)
        for key in keys[1:]:
            head[root(key)] = root(keys[0])
    return _rename(names, ids, {key: root(key) for key in head})


def _key(names: Sequence[str], ids: Sequence[str], place: int) -> str:
    """What is tied when a sample is: its group, or itself; no name holds the sign that tells them apart."""
    return names[place] or f"\0{ids[place]}"


def _rename(names: Sequence[str], ids: Sequence[str], root_of: dict[str, str]) -> list[str]:
    if not root_of:
        return list(names)
    keys = [_key(names, ids, place) for place in range(len(names))]
    parts: dict[str, dict[str, None]] = {}  # in the order of the samples
    for key in keys:
        if key in root_of:
            parts.setdefault(root_of[key], {})[key] = None
    titles = {root: _title(list(members)) for root, members in parts.items() if len(members) > 1}
    return [titles.get(root_of.get(key, ""), name) for key, name in zip(keys, names, strict=True)]


def _title(members: Sequence[str]) -> str:
    named = [key for key in members if not key.startswith("\0")]
    return " + ".join(named) if named else members[0].removeprefix("\0")
