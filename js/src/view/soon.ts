// Draws with the next frame what answers the pointer. The eye sees it no later, and neither a click
// that follows nor the message that a click sends has to wait for it.

export interface Soon {
  /** Draws once, however often it is asked for. */
  draw(draw: () => void): void;
  stop(): void;
}

export function createSoon(): Soon {
  const upcoming = new Set<() => void>();
  let frame = 0;

  function drawAll(): void {
    const draws = [...upcoming];
    upcoming.clear();
    for (const draw of draws) draw();
  }

  return {
    draw(draw) {
      if (upcoming.size === 0) frame = requestAnimationFrame(drawAll);
      upcoming.add(draw);
    },
    stop: () => cancelAnimationFrame(frame),
  };
}
