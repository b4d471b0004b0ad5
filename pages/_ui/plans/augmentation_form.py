"""How duplicates are made different from their originals."""

import streamlit as st
from pydantic import ValidationError

from core.domain.augmentation import AugmentationSpec
from core.errors import PlanError
from pages._ui import messages
from pages._ui.words import figure

_USUAL = AugmentationSpec()


def draw() -> AugmentationSpec | None:
    """The drawer; its title says what differs from the published way. None where nothing would be changed."""
    with st.expander(_title(), key="set.augmentation"):
        _elastic()
        _flips()
        st.caption(
            "A duplicate that would lose a class is drawn again, up to five times, then only flipped: the "
            "shares of the plan hold on disk."
        )
    spec = _read()
    if spec is None:
        messages.refusal(
            PlanError("Nothing would change a duplicate; turn on the elastic transform or one of the flips.")
        )
    return spec


def _elastic() -> None:
    st.checkbox("Deform elastically", value=_USUAL.elastic, key="set.elastic")
    elastic = st.session_state["set.elastic"]
    st.slider(
        "Displacement, % of the shorter side",
        0.1,
        10.0,
        100 * _USUAL.shift,
        0.1,
        key="set.shift",
        disabled=not elastic,
        help="Standard deviation of how far a pixel moves.",
    )
    st.slider(
        "Smoothness, % of the shorter side",
        0.5,
        20.0,
        100 * _USUAL.smoothness,
        0.5,
        key="set.smoothness",
        disabled=not elastic,
        help="Standard deviation of the Gaussian that smooths the displacement.",
    )


def _flips() -> None:
    st.checkbox(
        "Flip left and right, half of them",
        value=_USUAL.horizontal_flip,
        key="set.horizontal",
        help="Leave it out where the side matters, such as the heart in a chest X-ray.",
    )
    st.checkbox(
        "Flip top and bottom, half of them",
        value=_USUAL.vertical_flip,
        key="set.vertical",
        help="Leave it out where images have an upright, such as chest X-rays.",
    )


def _read() -> AugmentationSpec | None:
    """What the fields hold; before they are first drawn, the published way."""
    values = st.session_state
    try:
        return AugmentationSpec(
            elastic=values.get("set.elastic", _USUAL.elastic),
            shift=round(values.get("set.shift", 100 * _USUAL.shift) / 100, 6),
            smoothness=round(values.get("set.smoothness", 100 * _USUAL.smoothness) / 100, 6),
            horizontal_flip=values.get("set.horizontal", _USUAL.horizontal_flip),
            vertical_flip=values.get("set.vertical", _USUAL.vertical_flip),
        )
    except ValidationError:
        return None


def _title() -> str:
    spec = _read()
    if spec is None or spec == _USUAL:
        return "Augmentation"
    parts = ["no elastic transform"] * (not spec.elastic)
    parts += [f"displacement {figure(100 * spec.shift)} %"] * (spec.elastic and spec.shift != _USUAL.shift)
    parts += [f"smoothness {figure(100 * spec.smoothness)} %"] * (
        spec.elastic and spec.smoothness != _USUAL.smoothness
    )
    parts += ["not left–right"] * (not spec.horizontal_flip) + ["not top–bottom"] * (not spec.vertical_flip)
    return " · ".join(["Augmentation", *parts])
