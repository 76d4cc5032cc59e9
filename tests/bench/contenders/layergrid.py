"""Ours, as a user would write it."""

from textwrap import dedent

from .contender import Contender

CANVAS = 'document.querySelector("canvas.layergrid-cells")'

LAYERGRID = Contender(
    build=dedent("""
        import layergrid as lg
        def make(values):
            widget = lg.Heatmap(values, cmap="RdBu", limits=(0, 1))
            widget.on_click(lambda event: clicked())
            return widget
        def update(widget, values):
            widget.values = values
    """),
    colours=f"() => bench.colours({CANVAS})",
    spot=f"""(k) => {{
        const box = {CANVAS}.getBoundingClientRect();
        return [box.x + box.width * .31 + k * 7, box.y + box.height * .33 + k * 7];
    }}""",
    most_cells=10**10,
    why="such an array takes 40 GB",
    package="layergrid",
)
