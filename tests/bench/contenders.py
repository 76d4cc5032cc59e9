"""What is timed: for each contender, how the kernel builds and updates it, and how the page tells.

`build` and `update` run in the kernel, where `frames` holds four float32 arrays; `update` sees the
round as `k`. `painted` and `probe` run in the page: `painted` tells whether the first paint is
done, `probe` gives something that changes once an update is on the screen. `spot` gives where to
click for the `k`-th time; the kernel's handler appends the time to `clicked`.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class Contender:
    """The snippets of one contender; Python for the kernel, JavaScript for the page."""

    build: str
    update: str
    painted: str
    probe: str
    spot: str


def _data(layers: int, components: int) -> str:
    """Make the same random frames for everybody."""
    return dedent(f"""
        import numpy as np, time
        rng = np.random.default_rng(0)
        frames = [rng.random(({layers}, {components}), dtype="float32") for _ in range(4)]
        clicked = []
    """)


def _pixels(canvas: str) -> str:
    """Give the colours at some places of a canvas, [] while it is blank."""
    return f"""(() => {{
        const canvas = {canvas};
        if (!canvas?.width) return [];
        const context = canvas.getContext("2d");
        return [[.31, .33], [.52, .53], [.71, .22], [.2, .81]].flatMap(([x, y]) =>
          [...context.getImageData(canvas.width * x | 0, canvas.height * y | 0, 3, 3).data]);
    }})()"""


def layergrid(layers: int, components: int) -> Contender:
    """Ours, as a user would write it."""
    canvas = 'document.querySelector("canvas.layergrid-cells")'
    return Contender(
        build=_data(layers, components)
        + dedent("""
            import layergrid as lg
            widget = lg.Heatmap(frames[0], cmap="RdBu", limits=(0, 1))
            widget.on_click(lambda event: clicked.append(time.time()))
        """),
        update="widget.values = frames[k % 4]",
        painted=f"{_pixels(canvas)}.some((value, k) => k % 4 === 3 && value > 0)",
        probe=_pixels(canvas),
        spot=f"""(() => {{
            const box = {canvas}.getBoundingClientRect();
            return [box.x + box.width * .31 + k * 7, box.y + box.height * .33 + k * 7];
        }})()""",
    )


def floor(layers: int, components: int) -> Contender:
    """The least that an anywidget can do: a bytes trait, painted with putImageData."""
    canvas = 'document.querySelector("canvas.floor")'
    build = """
        import anywidget, traitlets
        class Floor(anywidget.AnyWidget):
            _esm = '''export default { render({ model, el }) {
              const canvas = document.createElement("canvas");
              canvas.className = "floor"; canvas.width = COLUMNS; canvas.height = ROWS;
              canvas.style.cssText = "width:600px;height:600px;image-rendering:pixelated";
              el.append(canvas);
              const context = canvas.getContext("2d");
              const paint = () => {
                const view = model.get("cells");
                const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
                const cells = new Float32Array(bytes);
                const image = context.createImageData(COLUMNS, ROWS);
                const pixels = new Uint32Array(image.data.buffer);
                for (let k = 0; k < cells.length; k++) pixels[k] = 0xff000000 | cells[k] * 255 << 8;
                context.putImageData(image, 0, 0);
              };
              paint();
              model.on("change:cells", paint);
              canvas.addEventListener("click", (event) => model.send({ x: event.offsetX }));
            } }'''
            cells = traitlets.Bytes().tag(sync=True)
        widget = Floor(cells=frames[0].tobytes())
        widget.on_msg(lambda *message: clicked.append(time.time()))
    """
    return Contender(
        build=_data(layers, components)
        + dedent(build).replace("COLUMNS", str(components)).replace("ROWS", str(layers)),
        update="widget.cells = frames[k % 4].tobytes()",
        painted=f"{_pixels(canvas)}[3] > 0",
        probe=_pixels(canvas),
        spot=f"""(() => {{
            const box = {canvas}.getBoundingClientRect();
            return [box.x + 50 + k * 20, box.y + 50];
        }})()""",
    )


def plotly(layers: int, components: int) -> Contender:
    """What most people paste."""
    image = 'document.querySelector(".hm image")'
    href = f'({image}?.getAttribute("href") ?? {image}?.getAttribute("xlink:href") ?? "")'
    return Contender(
        build=_data(layers, components)
        + dedent("""
            import plotly.graph_objects as go
            widget = go.FigureWidget(go.Heatmap(z=frames[0], colorscale="RdBu"))
            widget.update_layout(width=700, height=700)
            widget.data[0].on_click(lambda *event: clicked.append(time.time()))
        """),
        update="widget.data[0].z = frames[k % 4]",
        painted=f"{href}.length > 100",
        probe=f"{href}.slice(-400)",
        spot="""(() => {
            const box = document.querySelector(".nsewdrag").getBoundingClientRect();
            return [box.x + 100 + k * 25, box.y + 200];
        })()""",
    )


CONTENDERS = {"floor": floor, "layergrid": layergrid, "plotly": plotly}
