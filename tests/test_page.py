"""The page with no kernel: what it holds, and that nothing gets out of where it stands."""

from __future__ import annotations

import json
from base64 import b64decode
from html.parser import HTMLParser

import numpy as np
import pytest

from layergrid import Heatmap, row
from layergrid.page import pack, page

NASTY = "</script><script>alert(1)</script><!-- <script>"


class Parts(HTMLParser):
    """The elements of a page, with their text."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])

    def handle_data(self, data):
        if self.elements:
            self.elements[-1][2] += data

    def of(self, tag):
        return [(attrs, text) for name, attrs, text in self.elements if name == tag]


def saved_in(text):
    ((_, saved),) = [
        (attrs, text)
        for attrs, text in Parts(text).of("script")
        if attrs.get("id") == "layergrid-saved"
    ]
    return json.loads(saved)


def test_bytes_stand_apart():
    packed = pack({"_title": "t", "_values": b"\x00\xff", "_size": [None, 3]})
    assert packed["traits"] == {"_title": "t", "_size": [None, 3]}
    assert {name: b64decode(value) for name, value in packed["bytes"].items()} == {
        "_values": b"\x00\xff"
    }
    assert json.loads(json.dumps(packed)) == packed


@pytest.mark.parametrize("title", ["a < b & c", NASTY])
def test_a_title_stays_text(title):
    text = page([{"_title": title}], title)
    parts = Parts(text)
    assert parts.of("title")[0][1].strip() == title
    assert [attrs.get("type") for attrs, _ in parts.of("script")] == ["application/json", "module"]
    assert saved_in(text)[0]["traits"]["_title"] == title


def test_a_page_holds_each_heatmap_of_a_row_and_loads_nothing():
    maps = [Heatmap(np.eye(3, 2), title=title) for title in ("first", "second")]
    text = row(*maps).to_html()
    assert [one["traits"]["_title"] for one in saved_in(text)] == ["first", "second"]
    assert [one["traits"]["_row"] for one in saved_in(text)] == [True, True]
    assert not [attrs for _, attrs, _ in Parts(text).elements if {"src", "href"} & attrs.keys()]


def test_nothing_of_a_host_is_saved():
    (saved,) = saved_in(Heatmap([[1.0, np.nan]]).to_html())
    names = {*saved["traits"], *saved["bytes"]}
    assert "_values" in names
    assert not {"_esm", "_css", "layout", "_model_name", "_anywidget_id"} & names
