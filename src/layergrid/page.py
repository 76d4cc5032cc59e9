"""A page of its own that shows heatmaps with no kernel and no network. Pure but for the assets."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_STATIC = Path(__file__).parent / "static"

#: Room between two heatmaps that stand side by side, in CSS pixels; so has `row.ts`.
APART = 24
#: Style of what holds heatmaps side by side, or one under the other where there is no room.
SIDE_BY_SIDE = f"display: flex; flex-flow: row wrap; align-items: flex-start; gap: {APART}px"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 24px; background: #fff; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111418; }} }}
#layergrid-row {{ {side_by_side}; }}
#layergrid-row > :only-child {{ flex: 1 1 100%; min-width: 0; }}
</style>
</head>
<body>
<div id="layergrid-row"></div>
<script type="application/json" id="layergrid-saved">{saved}</script>
<script type="module">
{script}
</script>
</body>
</html>
"""


def page(saved: Sequence[Mapping[str, Any]], title: str) -> str:
    """Give an HTML page that shows heatmaps; it loads nothing from anywhere.

    Parameters
    ----------
    saved : sequence of mapping
        The synced traits of each heatmap, by name.
    title : str
        Title of the page.
    """
    from html import escape

    return _PAGE.format(
        title=escape(title),
        side_by_side=SIDE_BY_SIDE,
        saved=_inert(json.dumps([pack(traits) for traits in saved], allow_nan=False)),
        script=_inert((_STATIC / "page.js").read_text("utf-8")),
    )


def pack(traits: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give traits as JSON can hold them: those of bytes apart, in base64."""
    coded = {name: value for name, value in traits.items() if isinstance(value, bytes)}
    return {
        "traits": {name: value for name, value in traits.items() if name not in coded},
        "bytes": {name: b64encode(value).decode() for name, value in coded.items()},
    }


def _inert(text: str) -> str:
    """Keep a string of JavaScript or JSON from ending the script element that it stands in."""
    # Inside of string literals, where alone they can stand, these mean the same.
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")
