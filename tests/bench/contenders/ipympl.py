"""ipympl: matplotlib's imshow, drawn by the kernel."""

from textwrap import dedent

from .contender import Contender

_CANVAS = 'document.querySelector(".jupyter-matplotlib canvas")'

IPYMPL = Contender(
    build=dedent("""
        %matplotlib ipympl
        import matplotlib.pyplot as plt
        plt.ioff()
        def make(values):
            figure, axes = plt.subplots(figsize=(7, 7))
            image = axes.imshow(values, aspect="auto", cmap="RdBu", vmin=0, vmax=1)
            figure.colorbar(image)
            figure.canvas.mpl_connect("button_press_event", lambda event: clicked())
            return figure.canvas
        def update(widget, values):
            widget.figure.axes[0].images[0].set_data(values)
            widget.draw()
    """),
    colours=f"() => bench.colours({_CANVAS})",
    spot=f"""(k) => {{
        const box = {_CANVAS}.getBoundingClientRect();
        return [box.x + 150 + k * 25, box.y + 200];
    }}""",
    most_cells=50_000_000,
    why="matplotlib copies its values several times over",
    package="ipympl",
)
