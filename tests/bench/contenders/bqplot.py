"""bqplot's GridHeatMap."""

from textwrap import dedent

from .contender import Contender

BQPLOT = Contender(
    build=dedent("""
        import bqplot
        def make(values):
            colors = bqplot.ColorScale(scheme="RdBu", min=0, max=1)
            rows, columns = bqplot.OrdinalScale(reverse=True), bqplot.OrdinalScale()
            cells = bqplot.GridHeatMap(
                color=values.astype(float),
                scales={"color": colors, "row": rows, "column": columns},
                interactions={"click": "select"},
            )
            cells.on_element_click(lambda *event: clicked())
            return bqplot.Figure(
                marks=[cells],
                axes=[bqplot.ColorAxis(scale=colors)],
                layout={"width": "700px", "height": "700px"},
            )
        def update(widget, values):
            widget.marks[0].color = values.astype(float)
    """),
    colours="""(layers, components) => {
        const cells = document.querySelectorAll(".heatmapcell");
        if (cells.length < layers * components) return [];
        return bench.SPOTS.map(([x, y]) =>
          getComputedStyle(cells[(layers * y | 0) * components + (components * x | 0)]).fill);
    }""",
    spot="""(k, layers, components) => {
        const cells = document.querySelectorAll(".heatmapcell");
        const cell = cells[(layers / 2 | 0) * components + (k % components)];
        const box = cell.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
    }""",
    most_cells=100_000,
    why="it draws an SVG element for each cell",
    package="bqplot",
)
