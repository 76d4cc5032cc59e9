"""wigglystuff's HeatmapSelect."""

from textwrap import dedent

from .contender import CANVAS_PIXELS, Contender

_CANVAS = '[...document.querySelectorAll("canvas")].find((canvas) => canvas.width > 5)'

WIGGLYSTUFF = Contender(
    build=dedent("""
        from wigglystuff import HeatmapSelect
        COLOURS = dict(cmap="RdBu", vmin=0, vmax=1)
        def make(values):
            side = max(1, 600 // max(values.shape))
            widget = HeatmapSelect(
                values, cell_width=side, cell_height=side, throttle=0, **COLOURS
            )
            widget.observe(lambda change: clicked(), "pinned_cell")
            return widget
        def update(widget, values):
            widget.set_image(values, **COLOURS)
    """),
    colours=f"() => bench.colours({_CANVAS})",
    spot=f"""(k) => {{
        const box = {_CANVAS}.getBoundingClientRect();
        const along = .2 + k * .07; // another cell every time: only a change is heard
        return [box.x + box.width * along, box.y + box.height * along];
    }}""",
    most_cells=CANVAS_PIXELS,
    why="a canvas of Chromium holds 16,384² pixels",
    package="wigglystuff",
)
