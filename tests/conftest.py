"""What several tests need: values that are not too tame, a comm that remembers, a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import comm
import hypothesis
import numpy as np
import pytest
from comm.base_comm import BaseComm

from layergrid import Heatmap, wire

# Hypothesis must not fail a test because a machine that runs much else was slow for a moment.
hypothesis.settings.register_profile("layergrid", deadline=None, max_examples=60)
hypothesis.settings.load_profile("layergrid")


@pytest.fixture
def values() -> np.ndarray:
    """Four layers, three components: not square, with NaN, both infinities and negatives."""
    return np.array(
        [
            [0.5, -1.25, np.nan],
            [np.inf, 0.0, 3.0],
            [-np.inf, 2.0, -0.5],
            [0.001, 7.0, 4.0],
        ]
    )


class RecordingComm(BaseComm):
    """A comm that keeps what is sent, as the kernel's would put it on the wire."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        super().__init__(*args, **kwargs)

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        data = json.loads(json.dumps(data or {}, allow_nan=False))  # a NaN would break the page
        self.sent.append({"type": msg_type, **data, "buffers": [bytes(b) for b in buffers or ()]})


@pytest.fixture(autouse=True)
def recording_comms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every widget of the tests talks to a `RecordingComm`."""
    monkeypatch.setattr(comm, "create_comm", RecordingComm)


class Page:
    """The kernel's view of one page: it sends gestures, and hears what the widget sends."""

    def __init__(self, widget: Heatmap, name: str = "page") -> None:
        self.widget, self.name, self.seq = widget, name, 0

    def command(self, op: str, *rects: list[int], **more: Any) -> dict[str, Any]:
        """Give the next gesture, without sending it."""
        return self.gesture(command={"op": op, "rects": list(rects)}, **more)

    def click(self, cell: int, *modifiers: str, **more: Any) -> dict[str, Any]:
        """Give the next gesture, without sending it."""
        return self.gesture(click={"cell": cell, "modifiers": list(modifiers)}, **more)

    def gesture(self, **more: Any) -> dict[str, Any]:
        """Give the next gesture, without sending it."""
        self.seq += 1
        axes = wire.axes_id(self.widget.layers, self.widget.components)
        empty = {"target": "selection", "step": 0, "command": None, "click": None}
        return {
            "kind": "gesture", "page": self.name, "seq": self.seq, "axes": axes, **empty, **more
        }  # fmt: skip

    def mark(self, op: str, *rects: list[int], **more: Any) -> dict[str, Any]:
        """Give the next gesture, one that is for the mask, without sending it."""
        return self.command(op, *rects, target="mask", **more)

    def send(self, *messages: dict[str, Any]) -> None:
        """Send messages the way that a comm delivers them."""
        for message in messages:
            data = {"method": "custom", "content": json.loads(json.dumps(message))}
            self.widget._handle_msg({"content": {"data": data}, "buffers": []})

    def heard(self) -> list[Any]:
        """Give the content of the custom messages sent since the last call of `clear`."""
        return [m["content"] for m in self.widget.comm.sent if m.get("method") == "custom"]

    def updates(self) -> list[dict[str, Any]]:
        """Give what each update since the last call of `clear` carries, buffers in place."""
        found = []
        for message in self.widget.comm.sent:
            if message.get("method") == "update":
                state = dict(message["state"])
                for path, buffer in zip(message["buffer_paths"], message["buffers"], strict=True):
                    state[path[0]] = buffer
                found.append(state)
        return found

    def clear(self) -> None:
        """Forget what was sent."""
        self.widget.comm.sent.clear()


@pytest.fixture
def open_page() -> Callable[..., Page]:
    """Open a page on a widget."""
    return Page
