"""Plotly's FigureWidget: what most people paste."""

from textwrap import dedent

from .contender import Contender

PLOTLY = Contender(
    build=dedent("""
        import plotly.graph_objects as go
        def make(values):
            widget = go.FigureWidget(go.Heatmap(z=values, colorscale="RdBu", zmin=0, zmax=1))
            widget.update_layout(width=700, height=700)
            widget.data[0].on_click(lambda *event: clicked())
            return widget
        def update(widget, values):
            widget.data[0].z = values
    """),
    # Drawn, the image gives pixels only once it is decoded.
    colours="""() => {
        const image = document.querySelector(".hm image");
        return image?.href.baseVal.length > 100 ? bench.colours(image) : [];
    }""",
    spot="""(k) => {
        const box = document.querySelector(".nsewdrag").getBoundingClientRect();
        return [box.x + 100 + k * 25, box.y + 200];
    }""",
    most_cells=50_000_000,
    why="its values, copied by Python and by the page, outgrow both",
    package="plotly",
)
