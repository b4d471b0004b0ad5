"""A page with nothing but the viewer and generated cases; says how often it ran and what it was told last."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import streamlit as st

from core.errors import AppError
from core.services.reviews.greys import Grey
from core.services.reviews.pictures import CaseForm, CasePictures, Shown, encode_png
from core.services.reviews.planes import PlanePicture, PlaneWish
from core.services.reviews.volumes import PlaneForm, SliceView
from pages._ui.entry import rest_collector
from pages._ui.review import viewer
from tests.browser.viewer_cases import CLASSES, build_pictures

st.set_page_config(layout="wide")
rest_collector()  # As the frame of every page does
SIDE = int(st.query_params.get("side", "96"))
OVERLAPPING = "overlapping" in st.query_params
COUNT = 40 if "many" in st.query_params else 6
KEY = "harness.viewer"
BLIND, DEAF = "blind" in st.query_params, "deaf" in st.query_params
VOLUME = (5, SIDE, SIDE)
PLANES = (
    PlaneForm("As scanned"), PlaneForm("Across rows", turned=True, letters=("R", "A", "L", "P")),
    PlaneForm("Across columns"),
)  # fmt: skip
pictures = st.cache_data(build_pictures)


def build(position: int, heat: bool) -> CasePictures:
    """The pictures of a case as the address asks for them."""
    found = pictures(position, SIDE, OVERLAPPING, heat and not BLIND)
    if BLIND:
        found = replace(found, layers={})
    volume = SliceView(VOLUME, min(position, 4), missing=(3,), planes=PLANES)
    return replace(found, slices=volume) if "volume" in st.query_params else found


def build_plane(position: int, wish: PlaneWish) -> PlanePicture:
    """A slice of one grey: the number of its plane and its own."""
    size = [length for plane, length in enumerate(VOLUME) if plane != wish.plane]
    size = size[::-1] if PLANES[wish.plane].turned else size
    image = encode_png(np.full(size, 20 * wish.plane + 10 * wish.index, np.uint16))
    grey = Grey(0.0, 1.0, (0.0, 255.0))
    return PlanePicture(Shown(position).stamp, wish.plane, wish.index, size[0], size[1], image, grey)


def form(position: int) -> CaseForm:
    return CaseForm(position, f"patient_{position:03}/scan.png", SIDE, SIDE, len(CLASSES), OVERLAPPING)


def answer() -> viewer.ViewerEvent | None:
    """Deal with what came, as the review page does."""
    state = st.session_state
    try:
        event = viewer.take(KEY, form(state.position))
    except AppError as error:
        state.token, state.problem = state[KEY]["event"]["token"], str(error)
        return None
    if event is None:
        return None
    if DEAF and event.kind != "need":
        state.heard.append(event.token)
        if len(state.heard) == 1:
            return None
    state.token, state.problem = event.token, ""
    if event.kind != "need":
        state.told.append(describe(event))
        if not event.class_name:
            state.position = (state.position + (-1 if event.kind in ("previous", "undo") else 1)) % COUNT
    return event


def describe(event: viewer.ViewerEvent) -> dict[str, object]:
    found: dict[str, object] = {"kind": event.kind, "position": event.position, "reason": event.reason}
    found |= {"comment": event.comment, "class": event.class_name, "seconds": event.seconds}
    if event.mask is not None:
        pixels = event.mask.pixels.astype(np.int16)
        found |= {"digest": hashlib.sha256(pixels.tobytes()).hexdigest(), "shape": list(pixels.shape)}
        found |= {"counts": [int(event.mask.region(place).sum()) for place in range(3)]}
    return found


for name, first in (
    ("position", 0),
    ("token", ""),
    ("problem", ""),
    ("told", []),
    ("heard", []),
    ("runs", 0),
    ("needs", 0),
):
    st.session_state.setdefault(name, first)
st.session_state.runs += 1
came = answer()
wanted = came.wanted if came is not None and came.kind == "need" else ()
st.session_state.needs += bool(wanted)
now = st.session_state.position
viewer.show(
    viewer.ViewerInput(
        review="harness",
        reader="somebody",
        queue=tuple(Shown((now + step) % COUNT) for step in range(4)),
        form=form(now),
        classes=CLASSES,
        pictures=tuple(build(place, came is not None and came.heat) for place in wanted),
        planes=tuple(build_plane(now, wish) for wish in came.planes) if came is not None else (),
        confirmed=st.session_state.token,
        problem=st.session_state.problem,
        can_undo=True,
    ),
    KEY,
)
st.code(
    json.dumps({name: st.session_state[name] for name in ("runs", "needs", "position", "told", "heard")}),
    "json",
)
