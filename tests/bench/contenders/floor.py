"""The least that an anywidget can do: a bytes trait, painted with putImageData."""

from __future__ import annotations

from textwrap import dedent

from .contender import CANVAS_PIXELS, Contender

_BUILD = dedent("""
    import anywidget, traitlets
    class Floor(anywidget.AnyWidget):
        _esm = '''export default { render({ model, el }) {
          const [rows, columns] = model.get("shape");
          const canvas = document.createElement("canvas");
          canvas.className = "floor"; canvas.width = columns; canvas.height = rows;
          canvas.style.cssText = "width:SIDEpx;height:SIDEpx;image-rendering:pixelated";
          el.append(canvas);
          const context = canvas.getContext("2d");
          const paint = () => {
            const view = model.get("cells");
            const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
            const cells = new Float32Array(bytes);
            const image = context.createImageData(columns, rows);
            const pixels = new Uint32Array(image.data.buffer);
            for (let k = 0; k < cells.length; k++) pixels[k] = 0xff000000 | cells[k] * 255 << 8;
            context.putImageData(image, 0, 0);
          };
          paint();
          model.on("change:cells", paint);
          canvas.addEventListener("click", (event) => model.send({ x: event.offsetX }));
        } }
        //'''
        _esm += "/" * (ESM_BYTES - len(_esm))
        shape = traitlets.List().tag(sync=True)
        cells = traitlets.Bytes().tag(sync=True)
    def make(values):
        widget = Floor(shape=list(values.shape), cells=values.tobytes())
        widget.on_msg(lambda *message: clicked())
        return widget
    def update(widget, values):
        widget.cells = values.tobytes()
""")


def floor(side: int = 600, esm_bytes: int = 0) -> Contender:
    """Give the floor as a square of so many pixels, its ESM filled up to so many bytes."""
    return Contender(
        build=_BUILD.replace("SIDE", str(side)).replace("ESM_BYTES", str(esm_bytes)),
        colours="() => bench.colours(document.querySelector('canvas.floor'))",
        spot="""(k) => {
            const box = document.querySelector("canvas.floor").getBoundingClientRect();
            return [box.x + 50 + k * 20, box.y + 50];
        }""",
        most_cells=CANVAS_PIXELS,
        why="a canvas of Chromium holds 16,384² pixels",
    )


FLOOR = floor()
