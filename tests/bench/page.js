// What every timed page has from its start as `bench`: the kernel's clock, frames, colours, bytes.
(() => {
  if (window.bench) return;

  // time.time() of the kernel, as exactly as performance.now() counts on.
  const tick = Date.now();
  while (Date.now() === tick);
  const origin = Date.now() - performance.now();
  const now = () => (origin + performance.now()) / 1000;

  // A task queued by a frame runs once that frame is drawn. Looking only then treats alike who
  // paints at once and who waits for the frame, whichever of them asked for it first.
  const { port1, port2 } = new MessageChannel();
  const drawn = [];
  port1.onmessage = () => drawn.splice(0).forEach((callback) => callback());
  const afterFrame = (callback) =>
    requestAnimationFrame(() => {
      drawn.push(callback);
      port2.postMessage(null);
    });

  // The time of the first frame that passes; null if none does so in time.
  const watch = (passes, seconds) =>
    new Promise((resolve) => {
      const until = now() + seconds;
      const look = () => {
        const time = now(); // before looking: what that costs is not the contender's
        if (passes()) resolve(time);
        else if (time > until) resolve(null);
        else afterFrame(look);
      };
      afterFrame(look);
    });

  // The time of the last frame that changed what `look` gives, once it has stayed for `still` s;
  // null if nothing changes, or if it does not stay.
  const watchUntilStill = (look, still, seconds) =>
    new Promise((resolve) => {
      const [first, start] = [look(), now()];
      let [last, changed] = [first, null];
      const again = () => {
        const [time, next] = [now(), look()];
        if (next !== last) [last, changed] = [next, time];
        if (changed !== null && time - changed > still) resolve(changed);
        else if (time - start > seconds) resolve(null);
        else afterFrame(again);
      };
      afterFrame(again);
    });

  // Counts frames until told to stop; the longest gap tells what a person would notice.
  const countFrames = () => {
    const start = performance.now();
    let [count, longest, last, running] = [0, 0, start, true];
    const frame = () => {
      const time = performance.now();
      count += 1;
      longest = Math.max(longest, time - last);
      last = time;
      if (running) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return () => {
      running = false;
      const seconds = (performance.now() - start) / 1000;
      return { perSecond: count / seconds, longest: Math.max(longest, performance.now() - last) / 1000 };
    };
  };

  // The colours of some spots of a canvas or an SVG image; none while one of them is not painted.
  // They are read from a canvas of our own: reading would change how theirs is kept.
  const SPOTS = [[0.31, 0.33], [0.52, 0.53], [0.71, 0.22], [0.2, 0.81]];
  const SIDE = 64;
  const scratch = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true });
  scratch.imageSmoothingEnabled = false;
  const colours = (source) => {
    if (!source || source.width === 0) return [];
    scratch.clearRect(0, 0, SIDE, SIDE);
    scratch.drawImage(source, 0, 0, SIDE, SIDE);
    const found = SPOTS.map(([x, y]) => [...scratch.getImageData(x * SIDE, y * SIDE, 1, 1).data]);
    return found.every(([, , , alpha]) => alpha === 255) ? found.map(String) : [];
  };
  // Four colours of values this far apart cannot all be the same, but those of a blank can.
  const isPainted = (found) => new Set(found).size > 1;
  const isOther = (found, old) => found.length > 0 && found.every((colour, k) => colour !== old[k]);

  // Pixels of every canvas, which no heap counts.
  const canvasBytes = (root = document) =>
    [...root.querySelectorAll("*")].reduce(
      (sum, element) =>
        sum +
        (element instanceof HTMLCanvasElement ? 4 * element.width * element.height : 0) +
        (element.shadowRoot ? canvasBytes(element.shadowRoot) : 0),
      0,
    );

  const isVisible = (element) => {
    const box = element.getBoundingClientRect();
    return box.height > 0 && box.bottom > 0 && box.top < window.innerHeight;
  };

  // Resolves once the page has had nothing to do for a while.
  const rest = () =>
    new Promise((resolve) => {
      let quiet = 0;
      const look = (deadline) => {
        quiet = deadline.timeRemaining() > 20 ? quiet + 1 : 0;
        if (quiet > 4) resolve();
        else requestIdleCallback(look);
      };
      requestIdleCallback(look);
    });

  window.bench = {
    now, watch, watchUntilStill, countFrames, colours, isPainted, isOther, canvasBytes, isVisible,
    rest,
    SPOTS,
    received: 0, // bytes, over every socket
    connected: null, // when the kernel's socket opened
    acted: null, // when a mouse button last went down, the wheel turned or the pointer was dragged
  };

  const act = (event) => {
    if (event.type !== "mousemove" || event.buttons) {
      window.bench.acted = (origin + event.timeStamp) / 1000;
    }
  };
  for (const type of ["mousedown", "mousemove", "wheel"]) {
    addEventListener(type, act, { capture: true, passive: true });
  }

  window.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols);
      if (String(url).includes("/channels")) {
        this.addEventListener("open", () => {
          window.bench.connected ??= now();
        });
      }
      this.addEventListener("message", ({ data }) => {
        window.bench.received += data.byteLength ?? data.length;
      });
    }
  };
})();
