"""The target vector on the page: sliders and table (one in-house component), presets, files, reachability."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.domain.balance import BalanceSpec, ClassTarget, Quantity
from core.errors import AppError, TargetError
from core.services import balance
from pages._ui import cache, messages
from pages._ui.balance import quantity
from pages._ui.balance.columns import Column
from pages._ui.balance.desk import Desk
from pages._ui.entry import ROOT
from pages._ui.words import counted, escaped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EDITOR = "balance.targets"
_MENU = "balance.menu"
_FILE = "balance.file"
_AS_NOW = "What is reached now"
_NEAREST = "The nearest reachable target"
_ALIKE = "Weights by which images and pixels count alike"
_PLAIN = "All weights 1"
_MOST_NOTES = 12
_SAME = 0.0005  # shares closer than this are read as equal: half the last digit shown
_SAME_PIXELS = 2e-5
_ROOM, _LEAST_TOP = 4.0, 1e-6  # of a slider of pixel shares: times the original share
_HELP = (
    "The wanted share of images that hold each class, or of an image’s pixels that it covers. Shares of "
    "images need not sum to 100 %: an image holds several classes. Dotted tick on a slider: the original "
    "share; wedge: now. In the table, a weight is the factor of the class’s squared miss in L."
)
_FILE_HELP: dict[Quantity, str] = {
    "presence": 'Class name and share of images from 0 to 1, such as {"optic disc": 1, "macula": 0.97}.',
    "pixels": 'Class name and share of pixels from 0 to 1, such as {"optic disc": 0.02}.',
    "both": 'Both, such as {"presence": {"optic disc": 1}, "pixels": {"optic disc": 0.02}}.',
}
_ASSETS = ROOT / "assets" / "balance"
_editor = st.components.v2.component(
    "counterpoise.targets",
    html=(_ASSETS / "targets.html").read_text(encoding="utf-8"),
    css=(_ASSETS / "targets.css").read_text(encoding="utf-8"),
    js="\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("words.js", "targets.js")),
)


@dataclass(frozen=True, slots=True)
class _Choice:
    """One line of the menu: why to take it, and the targets of all columns that it makes."""

    why: str
    make: Callable[[], Sequence[ClassTarget]]


def draw(desk: Desk, refresh: Callable[[], None]) -> None:
    """What is balanced, heading with menus, the editor, and in words whether the target can be reached."""
    quantity.draw(desk, refresh)
    say_fault(desk, "quantity")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Target vector T**", width="stretch", help=_HELP)
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
    reach, targets = desk.reach, desk.live.spec.column_targets
    return {
        "classes": [
            {
                "name": column.name,
                "colour": column.colour,
                "of_pixels": column.of_pixels,
                "original": column.original,
                "target": desk.refused.get(str(i), targets[i].share),
                "top": _find_top(column, targets[i].share),
                "weight": desk.refused.get(f"w{i}", targets[i].weight),
                "nearest": _nearest(reach, column, i, targets[i].share),
            }
            for i, column in enumerate(desk.columns)
        ],
        "quantity": desk.quantity,
        "reach_known": reach is not None,
        "now": [round(value, 7) for value in desk.live.continuous.shares.tolist()],
        "running": desk.running,
        "heard": desk.heard,
        "revision": desk.revision,
    }


def _find_top(column: Column, target: float) -> float:
    """The upper end of a slider: all images; of pixels a round share with room above the original."""
    if not column.of_pixels:
        return 1.0
    wanted = max(min(column.most, _ROOM * column.original), 1.05 * target, _LEAST_TOP)
    power = 10.0 ** math.floor(math.log10(wanted))
    return float(
        min(1.0, next(digit * power for digit in (1, 1.5, 2, 3, 5, 7.5, 10) if digit * power >= wanted))
    )


def _nearest(reach: balance.Reach | None, column: Column, position: int, target: float) -> str:
    """The nearest reachable share of a class whose target is not reachable, in words; else nothing."""
    same = _SAME_PIXELS if column.of_pixels else _SAME
    if reach is None or reach.reachable or abs(reach.nearest[position] - target) <= same:
        return ""
    return column.say(float(reach.nearest[position]))


def with_shares(spec: BalanceSpec, changes: Mapping[str, Any]) -> BalanceSpec:
    """The spec with some targets changed.

    Args:
        spec: The present one.
        changes: Position of the column, as text → share, or whatever was typed in its place.

    Raises:
        TargetError: what was typed is no share.
    """
    return _with_changes(spec, "share", balance.read_share, changes)


def with_weights(spec: BalanceSpec, changes: Mapping[str, Any]) -> BalanceSpec:
    """The spec with some class weights changed; as `with_shares`.

    Raises:
        TargetError: what was typed is no weight.
    """
    return _with_changes(spec, "weight", balance.read_weight, changes)


def _with_changes(
    spec: BalanceSpec, name: str, read: Callable[[str, object], float], changes: Mapping[str, Any]
) -> BalanceSpec:
    targets = list(spec.column_targets)
    for position, value in changes.items():
        if not position.isdigit() or int(position) >= len(targets):
            continue  # typed for a dataset that has been edited since
        item = targets[int(position)]
        targets[int(position)] = item.model_copy(update={name: read(item.name, value)})
    return spec.with_column_targets(targets)


def _take(desk: Desk, refresh: Callable[[], None]) -> None:
    said = st.session_state[EDITOR].get("targets") or {}
    if said.get("quantity") != desk.quantity:
        return  # typed in the moment before the rows changed: its positions mean other columns now
    for position, value in said.get("shares", {}).items():
        desk.change_target(position, value, partial(with_shares, changes={position: value}))
    for position, value in said.get("weights", {}).items():
        desk.change_target(f"w{position}", value, partial(with_weights, changes={position: value}))
    desk.heard = int(said.get("seq", 0))
    refresh()


def _menu(desk: Desk, refresh: Callable[[], None]) -> None:
    choices = _find_choices(desk)

    def choose() -> None:  # by what is so when it is chosen, not when the menu was drawn
        desk.set_targets(_find_choices(desk)[st.session_state[_MENU]].make())
        refresh()

    st.menu_button(
        "Set to",
        list(choices),
        key=_MENU,
        on_click=choose,
        help="\n".join(f"- **{title}**: {choice.why}" for title, choice in choices.items() if choice.why),
    )


def _find_choices(desk: Desk) -> "dict[str, _Choice]":
    """What T can be set to: presets of what is balanced, what is reached, what can be, and even weights."""
    spec, now = desk.live.spec, desk.live.continuous.shares
    kinds: list[tuple[str, dict[str, balance.Preset]]] = []
    if desk.quantity != "pixels":
        kinds.append(("Images: ", dict(balance.presets(desk.labels))))
    if desk.quantity != "presence":
        kinds.append(("Pixels: ", dict(balance.pixel_presets(cache.pixel_table(desk.dataset_id)))))
    choices = {
        (prefix if len(kinds) > 1 else "") + preset.title: _Choice(
            preset.explanation, partial(_take_preset, spec, preset, prefix == "Pixels: ")
        )
        for prefix, presets in kinds
        for preset in presets.values()
    }
    choices[_AS_NOW] = _Choice("", lambda: _take_shares(spec, now))
    choices[_NEAREST] = _Choice("", lambda: _take_shares(spec, desk.live.reach.nearest))
    if desk.quantity == "both":
        alike = "Pixel shares are small numbers and hardly count in L beside presence; a weight lets them."
        choices[_ALIKE] = _Choice(alike, lambda: balance.weigh_alike(desk.table, spec).column_targets)
    if any(item.weight != 1 for item in spec.column_targets):
        plain = [item.model_copy(update={"weight": 1.0}) for item in spec.column_targets]
        choices[_PLAIN] = _Choice("", lambda: plain)
    return choices


def _take_preset(spec: BalanceSpec, preset: balance.Preset, is_of_pixels: bool) -> Sequence[ClassTarget]:
    """The columns with a preset's shares in its own quantity; weights stay."""
    field = "pixel_targets" if is_of_pixels else "targets"
    weights = {item.name: item.weight for item in getattr(spec, field)}
    targets = tuple(
        item.model_copy(update={"weight": weights.get(item.name, 1.0)}) for item in preset.targets
    )
    return spec.model_copy(update={field: targets}).column_targets


def _take_shares(spec: BalanceSpec, shares: "NDArray[np.float64]") -> Sequence[ClassTarget]:
    changes = {str(i): min(1.0, max(0.0, float(value))) for i, value in enumerate(shares)}
    return with_shares(spec, changes).column_targets


def _file(desk: Desk, refresh: Callable[[], None]) -> None:
    def load() -> None:
        if uploaded := st.session_state[_FILE]:
            try:
                desk.set_targets(_read_file(desk, uploaded.getvalue().decode("utf-8", "replace")))
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
        st.caption(f'{_FILE_HELP[desk.quantity]} In the place of a share: {{"share": 0.4, "weight": 10}}.')


def _read_file(desk: Desk, text: str) -> Sequence[ClassTarget]:
    spec = desk.live.spec
    if spec.quantity == "presence":
        return balance.read_target(text, desk.labels)
    pixels = cache.pixel_table(desk.dataset_id)
    presence, of_pixels = balance.read_pixel_targets(text, spec.quantity, desk.labels, pixels)
    return spec.model_copy(update={"targets": presence, "pixel_targets": of_pixels}).column_targets


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
    notes = balance.find_warnings(desk.table, desk.live.spec)
    if desk.quantity != "pixels":  # the advice speaks of images with and without a class
        notes += balance.advice(desk.labels, desk.live.spec)
    if notes:
        with st.expander(f"What this target takes · {counted(len(notes), 'note')}", key="balance.notes"):
            st.markdown("\n".join(f"- {escaped(note)}" for note in notes[:_MOST_NOTES]))


def _ask(desk: Desk, refresh: Callable[[], None]) -> None:
    desk.ask_reach()
    refresh()
