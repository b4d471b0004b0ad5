"""The viewer's messages: what is packed, and which events are believed."""

import base64
import json
import struct
from typing import Any

import numpy as np
import pytest

from core.errors import ReviewError
from core.services.reviews.pictures import CaseForm, Shown
from core.services.reviews.planes import PlaneWish
from pages._ui.review import viewer
from tests.browser.viewer_cases import CLASSES, build_pictures

FORM = CaseForm(4, "scan", 16, 16, 3, overlapping=False)
GOOD = {"token": "a" * 32, "position": 4, "kind": "accept", "seconds": 2.5, "comment": "fine"}


def event(**changes: Any) -> viewer.ViewerEvent:
    return viewer.read_event(GOOD | changes, FORM)


def test_an_event_is_read() -> None:
    found = event(wanted=[5, 6], heat=True, planes=[{"plane": 1, "index": 7}], mask_seen="")
    assert (found.kind, found.position, found.seconds, found.comment) == ("accept", 4, 2.5, "fine")
    assert found.wanted == (5, 6)
    assert found.planes == (PlaneWish(1, 7),)
    assert found.heat
    assert found.mask_seen is None


def test_a_corrected_mask_is_decoded() -> None:
    sent = build_pictures(4, 16, overlapping=False, heat=False).layers["prediction"].png
    found = event(kind="correct", mask=base64.b64encode(sent).decode())
    assert found.mask is not None
    assert found.mask.shape == (16, 16)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "delete"},
        {"kind": ["accept"]},
        {"position": -1},
        {"position": "4"},
        {"position": True},
        {"token": 7},
        {"token": "a" * 65},
        {"comment": {"a": 1}},
        {"comment": "x" * 4001},
        {"seconds": -1},
        {"seconds": "soon"},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"wanted": "all"},
        {"wanted": [-1]},
        {"wanted": [True]},
        {"planes": [{"plane": 3, "index": 0}]},
        {"planes": [{"plane": True, "index": 0}]},
        {"planes": [{"plane": [], "index": 0}]},
        {"planes": [7]},
        {"kind": "correct", "position": 5, "mask": ""},
        {"kind": "correct", "mask": "rubbish"},
    ],
)
def test_an_event_that_no_viewer_sends_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ReviewError, match="scan"):
        event(**changes)


@pytest.mark.parametrize("sent", [None, 7, "accept", [], [GOOD]])
def test_what_is_no_event_is_refused(sent: object) -> None:
    with pytest.raises(ReviewError, match="Reload the page"):
        viewer.read_event(sent, FORM)


def test_pictures_lie_where_the_head_says() -> None:
    case = build_pictures(4, 16, overlapping=True, heat=True)
    packed = viewer.pack(
        viewer.ViewerInput(
            "r", "u", (Shown(4, mask="f" * 64),), FORM, CLASSES, pictures=(case,), confirmed="t"
        )
    )
    (size,) = struct.unpack("<I", packed[:4])
    head = json.loads(packed[4 : 4 + size])
    body = packed[4 + size :]
    (found,) = head["pictures"]
    cut = [
        body[place["at"] : place["at"] + place["size"]] for place in (found["image"], *found["heat"].values())
    ]
    assert cut == [case.image, *case.heat.values()]
    assert head["queue"] == [{"position": 4, "stamp": Shown(4, mask="f" * 64).stamp}]
    assert head["mask_seen"] == "f" * 64
    assert head["classes"][1]["colour"] == "#E69F00"


def test_what_may_not_be_seen_has_another_stamp() -> None:
    stamps = {
        Shown(4).stamp,
        Shown(4, model=False).stamp,
        Shown(4, reference=False).stamp,
        Shown(4, mask=np.base_repr(7) * 64).stamp,
        Shown(5).stamp,
    }
    assert len(stamps) == 5
