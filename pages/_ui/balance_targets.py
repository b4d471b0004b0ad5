"""The target vector on the page: sliders and table (one in-house component), presets, files, reachability."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.domain.balance import BalanceSpec
from core.errors import AppError, TargetError
from core.services import balance
from pages._ui import messages
from pages._ui.balance_desk import Desk
from pages._ui.entry import ROOT
from pages._ui.words import counted, escaped, share

EDITOR = "balance.targets"
_MENU = "balance.menu"
_FILE = "balance.file"
_AS_NOW = "What is reached now"
_NEAREST = "The nearest reachable target"
_MOST_NOTES = 12
_SAME = 0.0005  # shares closer than this are read as equal: half the last digit shown
_ASSETS = ROOT / "assets" / "balance"
_editor = st.components.v2.component(
    "counterpoise.targets",
    html=(_ASSETS / "targets.html").read_text(encoding="utf-8"),
    css=(_ASSETS / "targets.css").read_text(encoding="utf-8"),
    js="\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("words.js", "targets.js")),
)


def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """Heading with menus, the editor, and in words whether the target can be reached."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**Target vector T**",
            width="stretch",
            help="The wanted share of images that contain each class. Shares need not sum to 100 %: an image "
            "holds several classes. Dotted tick on a slider: the original share; wedge: now.",
        )
        _menu(desk, refresh)
        _file(desk, refresh)
    _editor(key=EDITOR, data=describe(desk), on_targets_change=lambda: _take(desk, refresh))
    _say_reach(desk, refresh)


def say_fault(desk: Desk, group: str) -> None:
    """Why the last change of a group of settings was refused, in its place."""
    for name, fault in desk.faults.items():
        if name.split(".")[0] == group:
            messages.refusal(TargetError(fault))


def describe(desk: Desk) -> dict[str, Any]:
    """What the editor shows."""
    original = desk.original
    reach = desk.reach
    return {
        "classes": [
            {
                "name": item.name,
                "colour": desk.colours[i],
                "original": float(original[i]),
                "target": desk.refused.get(str(i), item.share),
                "nearest": _nearest(reach, i, item.share),
            }
            for i, item in enumerate(desk.live.spec.targets)
        ],
        "reach_known": reach is not None,
        "now": [round(value, 5) for value in desk.live.continuous.shares.tolist()],
        "running": desk.running,
        "heard": desk.heard,
        "revision": desk.revision,
    }


def _nearest(reach: balance.Reach | None, position: int, target: float) -> str:
    """The nearest reachable share of a class whose target is not reachable, in words; else nothing."""
    if reach is None or reach.reachable or abs(reach.nearest[position] - target) <= _SAME:
        return ""
    return share(float(reach.nearest[position]))


def with_shares(spec: BalanceSpec, changes: Mapping[str, Any]) -> BalanceSpec:
    """The spec with some targets changed.

    Args:
        spec: The present one.
        changes: Position of the class, as text → share, or whatever was typed in its place.

    Raises:
        TargetError: what was typed is no share.
    """
    targets = list(spec.targets)
    for position, value in changes.items():
        if not position.isdigit() or int(position) >= len(targets):
            continue  # typed for a dataset that has been edited since
        item = targets[int(position)]
        targets[int(position)] = item.model_copy(update={"share": _check_share(item.name, value)})
    return spec.model_copy(update={"targets": tuple(targets)})


def _check_share(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TargetError(
            f"The target of {name} is “{value}”, which is no number. Type a percentage from 0 to 100."
        )
    if not 0 <= value <= 1:
        raise TargetError(
            f"The target of {name} is {100 * value:g} %; a share lies between 0 and 100 %. Correct it."
        )
    return float(value)


def _take(desk: Desk, refresh: Callable[[], None]) -> None:
    said = st.session_state[EDITOR].get("targets") or {}
    for position, value in said.get("shares", {}).items():
        desk.change_target(position, value, partial(with_shares, changes={position: value}))
    desk.heard = int(said.get("seq", 0))
    refresh()


def _menu(desk: Desk, refresh: Callable[[], None]) -> None:
    titles = {preset.title: preset for preset in desk.presets}

    def choose() -> None:
        chosen = st.session_state[_MENU]
        if chosen in titles:
            desk.set_targets(titles[chosen].targets)
        else:
            now = desk.live.continuous.shares if chosen == _AS_NOW else desk.live.reach.nearest
            changes = {str(i): min(1.0, max(0.0, float(value))) for i, value in enumerate(now)}
            desk.set_targets(with_shares(desk.live.spec, changes).targets)
        refresh()

    st.menu_button(
        "Set to",
        [*titles, _AS_NOW, _NEAREST],
        key=_MENU,
        on_click=choose,
        help="\n".join(f"- **{title}**: {preset.explanation}" for title, preset in titles.items()),
    )


def _file(desk: Desk, refresh: Callable[[], None]) -> None:
    def load() -> None:
        if uploaded := st.session_state[_FILE]:
            try:
                desk.set_targets(
                    balance.read_target(uploaded.getvalue().decode("utf-8", "replace"), desk.table)
                )
            except AppError as error:
                desk.faults["targets"] = f"{uploaded.name}: {error}"
        refresh()

    with st.popover("File", key="balance.file_menu"):
        st.download_button(
            "Save T as JSON",
            lambda: balance.write_target(desk.live.spec),
            file_name=f"{desk.dataset_id}_target.json",
            mime="application/json",
            key="balance.save_target",
            icon=":material/download:",
            on_click="ignore",
        )
        st.file_uploader("Load T from JSON", type=["json"], key=_FILE, on_change=load)
        st.caption('Class name and share from 0 to 1, such as {"optic disc": 1, "macula": 0.97}.')


def _say_reach(desk: Desk, refresh: Callable[[], None]) -> None:
    """Under the editor: what was refused, whether T can be reached, and what it takes."""
    say_fault(desk, "targets")
    reach = desk.reach
    if desk.asks_nothing:
        st.markdown("T is the original share of every class. Move a target, or choose one under “Set to”.")
    elif reach is None:
        st.button(
            "Can T be reached?", key="balance.ask_reach", type="tertiary", on_click=_ask, args=(desk, refresh)
        )
    elif reach.reachable:
        st.caption("✓ All targets can be reached together.", help="By some mixture of the images, at γ = 0.")
    else:
        st.markdown(
            f"✗ **Not reachable.** {escaped(reach.reason)}",
            help="No mixture of the images can, even at γ = 0.",
        )
    notes = [*balance.find_warnings(desk.table, desk.live.spec), *balance.advice(desk.table, desk.live.spec)]
    if notes:
        with st.expander(f"What this target takes · {counted(len(notes), 'note')}", key="balance.notes"):
            st.markdown("\n".join(f"- {escaped(note)}" for note in notes[:_MOST_NOTES]))


def _ask(desk: Desk, refresh: Callable[[], None]) -> None:
    desk.ask_reach()
    refresh()
