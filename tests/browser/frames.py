"""Counts what is really drawn: frames in which the curve and the bars themselves have changed."""

from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_WATCH = """() => {
  const hosts = [...document.querySelectorAll('*')].filter((node) => node.shadowRoot);
  const live = hosts.map((node) => node.shadowRoot.querySelector('.cp-live')).find(Boolean);
  const curve = () => live.querySelector('.cp-line.cp-objective').getAttribute('d');
  const bars = () => [...live.querySelectorAll('.cp-bar')].map((bar) => bar.getAttribute('d')).join();
  const seen = { times: [], blank: 0, curve: curve(), bars: bars() };
  window.seen = seen;
  const look = () => {
    const [c, b] = [curve(), bars()];
    if (!c || !b) seen.blank += 1;
    if (c !== seen.curve && b !== seen.bars) {
      seen.times.push(performance.now());
      Object.assign(seen, { curve: c, bars: b });
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames drawn in a span: how many a second, the longest wait in seconds, and how many were blank."""

    count: int
    rate: float
    longest: float
    blank: int


def watch_frames(tab: Page) -> None:
    """Look at both charts on every animation frame from now on."""
    tab.evaluate(_WATCH)


def read_frames(tab: Page) -> Frames:
    """What has been drawn since `watch_frames`."""
    times = [time / 1000 for time in tab.evaluate("window.seen.times")]
    waits = [after - before for before, after in pairwise(times)]
    rate = len(waits) / (times[-1] - times[0]) if waits else 0.0
    return Frames(len(times), rate, max(waits, default=float("inf")), tab.evaluate("window.seen.blank"))


class ScriptRuns:
    """Counts the server's script runs: of the whole page, and of fragments. Make it before `goto`."""

    def __init__(self, tab: Page) -> None:
        self.pages = 0
        self.fragments = 0
        tab.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        message = ForwardMsg.FromString(payload) if isinstance(payload, bytes) else ForwardMsg()
        if message.WhichOneof("type") == "script_finished":
            self.fragments += message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
            self.pages += message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
