"""The viewer: what it is told, what it answers, and the component that draws it.

    if (event := viewer.take("review.viewer", form)) is not None:   # before the page is drawn
        ...                                                          # decide, or build what is needed
    viewer.show(ViewerInput(...), "review.viewer")

The browser keeps pictures by their stamp and asks by a `need` event for those of `queue` that it lacks, so
the answer to a decision is small: the next case is there already. An event is sent again until `confirmed`
says its token; whoever deals with events must take a token twice for once.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast, get_args

import streamlit as st

from core.domain.classes import ClassSpec, class_colours
from core.domain.masks import LabelMask
from core.errors import ReviewError
from core.services.reviews.answers import decode_mask
from core.services.reviews.pictures import CaseForm, CasePictures, Shown
from core.services.reviews.planes import PlanePicture, PlaneWish
from pages._ui.entry import ROOT

EventKind = Literal["accept", "reject", "correct", "skip", "flag", "next", "previous", "undo", "need"]
REASONS = (
    "Region missed",
    "Region drawn that is not there",
    "Outline too inaccurate",
    "Wrong class",
    "Image quality too poor",
)
_MOST_WANTED = 32
_ASSETS = ROOT / "assets" / "viewer"


@dataclass(frozen=True, slots=True)
class ViewerInput:
    """What the viewer shows.

    Attributes:
        review: Id of the review; pictures of another one are forgotten.
        reader: Id of who sits there; what they draw and have not saved is theirs alone.
        queue: The case in sight first, then those to fetch ahead.
        form: Of the case in sight.
        classes: Of the masks, in their order.
        pictures: Sent now; the browser keeps them.
        planes: Slices of the volume of the case in sight, sent now.
        confirmed: Token of the last event that was dealt with.
        problem: The sentence why that event was refused; empty where it was not.
        state: What has been decided of the case in sight, in words.
        own_seen: The reader's last decision on that case, by its number in the ledger; 0: none.
        reasons: To choose from on rejecting.
        has_next: Whether N leads anywhere.
        has_previous: Whether P does.
        can_undo: Whether Z takes a decision back.
        locked: The sentence why nothing can be decided; empty where it can.
    """

    review: str
    reader: str
    queue: tuple[Shown, ...]
    form: CaseForm
    classes: tuple[ClassSpec, ...]
    pictures: tuple[CasePictures, ...] = ()
    planes: tuple[PlanePicture, ...] = ()
    confirmed: str = ""
    problem: str = ""
    state: str = ""
    own_seen: int = 0
    reasons: tuple[str, ...] = REASONS
    has_next: bool = True
    has_previous: bool = True
    can_undo: bool = False
    locked: str = ""


@dataclass(frozen=True, slots=True)
class ViewerEvent:
    """What the reader did, or what the browser needs.

    Attributes:
        token: Made once an event by the browser; the same when it is sent again.
        position: The case.
        kind: `need` asks for pictures: those of the cases `wanted`, with `heat` if that is so, and `planes`.
        class_name: The class that a decision is about; empty for the whole case.
        mask: The corrected mask, for `correct` and nothing else.
        mask_seen: Hash of the corrected mask that was shown; None: the predicted one.
        own_seen: Their last decision on the case that the reader was shown; None: it was not said.
        wanted: Positions whose pictures the browser lacks.
    """

    token: str
    position: int
    kind: EventKind
    class_name: str = ""
    reason: str = ""
    comment: str = ""
    seconds: float = 0.0
    mask: LabelMask | None = None
    mask_seen: str | None = None
    own_seen: int | None = None
    wanted: tuple[int, ...] = ()
    heat: bool = False
    planes: tuple[PlaneWish, ...] = field(default=())


def _read(*names: str) -> str:
    return "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


SCRIPTS = (
    "codec.js", "labels.js", "paths.js", "paint.js", "hatch.js", "view.js", "history.js", "brush.js",
    "morphology.js", "messages.js", "elements.js", "stage.js", "panes.js", "readout.js", "edit.js",
    "drafts.js", "tools.js", "side.js", "bar.js", "keys.js", "volume.js", "viewer.js",
)  # fmt: skip
_code = st.components.v2.component("counterpoise.viewer_code", js=_read(*SCRIPTS))
_component = st.components.v2.component(
    "counterpoise.viewer", html=_read("viewer.html"), css=_read("viewer.css"), js=_read("mount.js")
)


def show(desk: ViewerInput, key: str) -> None:
    """Draw the viewer.

    Its code is an element of its own whose message never changes, so Streamlit sends it once and not with
    every case.
    """
    with st.container(gap=None):
        _code(key=f"{key}.code", height=1)
        _component(key=key, data=pack(desk), on_event_change=_rerun)


def take(key: str, form: CaseForm) -> ViewerEvent | None:
    """The event that has brought this run about, if there is one; ask before `show`.

    Args:
        key: Of the viewer.
        form: Of the case that was in sight.

    Raises:
        ReviewError: What came is no event of this case; nothing may be done with it.
    """
    sent = (st.session_state.get(key) or {}).get("event")
    return None if sent is None else read_event(sent, form)


def _rerun() -> None:
    """Streamlit runs the page anew after an event only where somebody listens."""


def read_event(sent: object, form: CaseForm) -> ViewerEvent:
    """What the browser sent, checked.

    Raises:
        ReviewError: It is no event of this case.
    """
    if not isinstance(sent, Mapping):
        raise _unreadable(form)
    fields = cast(Mapping[str, Any], sent)
    kind, position = fields.get("kind"), fields.get("position")
    if kind not in get_args(EventKind) or type(position) is not int or position < 0:
        raise _unreadable(form)
    mask = None
    if kind == "correct":
        if position != form.position:
            raise ReviewError(
                f"{form.sample}: the corrected mask belongs to another case; nothing was saved. Go back to "
                "that case and correct it again."
            )
        mask = decode_mask(fields.get("mask"), form)
    return ViewerEvent(
        token=_text(fields, "token", 64, form),
        position=position,
        kind=kind,
        class_name=_text(fields, "class_name", 1000, form),
        reason=_text(fields, "reason", 1000, form),
        comment=_text(fields, "comment", 4000, form),
        seconds=_seconds(fields.get("seconds", 0.0), form),
        mask=mask,
        mask_seen=_text(fields, "mask_seen", 64, form) or None,
        own_seen=own_seen if type(own_seen := fields.get("own_seen")) is int else None,
        wanted=_positions(fields.get("wanted", []), form),
        heat=fields.get("heat") is True,
        planes=_planes(fields.get("planes", []), form),
    )


def _text(fields: Mapping[str, Any], name: str, most: int, form: CaseForm) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise _unreadable(form)
    if len(value) > most:
        raise ReviewError(f"{form.sample}: the {name} has {len(value)} characters; at most {most} are kept.")
    return value


def _seconds(value: object, form: CaseForm) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 86_400 * 7:
        raise _unreadable(form)
    return float(value)


def _positions(value: object, form: CaseForm) -> tuple[int, ...]:
    if not isinstance(value, list) or any(type(item) is not int or item < 0 for item in value):
        raise _unreadable(form)
    return tuple(value[:_MOST_WANTED])


def _planes(value: object, form: CaseForm) -> tuple[PlaneWish, ...]:
    if not isinstance(value, list):
        raise _unreadable(form)
    wishes = []
    for item in value[:_MOST_WANTED]:
        plane, index = (item.get("plane"), item.get("index")) if isinstance(item, Mapping) else (None, None)
        if type(plane) is not int or plane not in (0, 1, 2) or type(index) is not int or index < 0:
            raise _unreadable(form)
        wishes.append(PlaneWish(plane, index))
    return tuple(wishes)


def _unreadable(form: CaseForm) -> ReviewError:
    return ReviewError(
        f"{form.sample}: what the browser sent cannot be read; nothing was saved. Reload the page and decide "
        "again."
    )


def pack(desk: ViewerInput) -> bytes:
    """Everything as bytes: the length of a JSON head (4 bytes, low first), the head, and the pictures.

    In the head a picture is `{"at": …, "size": …}`, counted from the head's end. Bytes rather than JSON,
    because base64 would cost a third more.
    """
    parts: list[bytes] = []
    head = json.dumps(_head(desk, _Parts(parts))).encode()
    return b"".join([struct.pack("<I", len(head)), head, *parts])


class _Parts:
    """Takes bytes and says where they will lie."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self._end = 0

    def add(self, content: bytes) -> dict[str, int]:
        place = {"at": self._end, "size": len(content)}
        self._parts.append(content)
        self._end += len(content)
        return place


def _head(desk: ViewerInput, parts: _Parts) -> dict[str, Any]:
    return {
        "review": desk.review,
        "reader": desk.reader,
        "queue": [{"position": item.position, "stamp": item.stamp} for item in desk.queue],
        "form": asdict(desk.form),
        "mask_seen": desk.queue[0].mask,
        "classes": [
            {"name": item.name, "role": item.role.value, "colour": colour}
            for item, colour in zip(desk.classes, class_colours(desk.classes), strict=True)
        ],
        "pictures": [_picture(item, parts) for item in desk.pictures],
        "planes": [_picture(item, parts) for item in desk.planes],
        "confirmed": desk.confirmed,
        "problem": desk.problem,
        "state": desk.state,
        "own_seen": desk.own_seen,
        "reasons": desk.reasons,
        "has_next": desk.has_next,
        "has_previous": desk.has_previous,
        "can_undo": desk.can_undo,
        "locked": desk.locked,
    }


def _picture(item: CasePictures | PlanePicture, parts: _Parts) -> dict[str, Any]:
    apart = ("image", "layers", "heat", "grey", "slices")
    plain = {name: getattr(item, name) for name in type(item).__slots__ if name not in apart}
    volume = item.slices if isinstance(item, CasePictures) else None
    heat = item.heat if isinstance(item, CasePictures) else {}
    return plain | {
        "image": parts.add(item.image),
        "grey": None if item.grey is None else asdict(item.grey),
        "slices": None if volume is None else asdict(volume),
        "layers": {
            name: {"png": parts.add(layer.png), "overlapping": layer.overlapping}
            for name, layer in item.layers.items()
        },
        "heat": {name: parts.add(content) for name, content in heat.items()},
    }
