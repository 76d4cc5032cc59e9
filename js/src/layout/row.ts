// Heatmaps laid side by side: cells of one size in all of them, and one colour bar for those that
// mean the same by their colours.

/** What one of them would like, in CSS pixels. */
export interface Wish {
  /** From one cell to the next, across and down. */
  pitch: readonly [number, number];
  columns: number;
  /** Whether its cells stay square when they are narrow. */
  square: boolean;
  /** Width of all but its cells and its colour bar, and that of the bar. */
  around: number;
  bar: number;
  /** Tells colours that mean the same from those that do not. */
  colours: string;
}

/** What it gets. */
export interface Share {
  pitch: readonly [number, number];
  bar: boolean;
}

/** Room between two of them; `page.py` has the same number. */
export const APART = 24;
/** Cells do not get narrower than this for all to stand on one line. */
const LEAST = 14;

/** Gives each its share; the wishes are in the order of the row. Pure. */
export function sharesOf(wishes: readonly Wish[], room: number): Share[] {
  const barred = wishes.map(({ colours }, k) =>
    wishes.slice(k + 1).every((other) => other.colours !== colours),
  );
  const across = Math.min(...wishes.map(({ pitch }) => pitch[0]));
  const down = Math.min(...wishes.map(({ pitch }) => pitch[1]));
  const around = wishes.reduce(
    (sum, wish, k) => sum + wish.around + (barred[k] ? wish.bar : 0),
    APART * (wishes.length - 1),
  );
  const columns = wishes.reduce((sum, wish) => sum + wish.columns, 0);
  const together = Math.floor((room - around) / Math.max(1, columns));
  // Where one line has no room for all they wrap, and there is room for each as it is.
  const x = together >= Math.min(across, LEAST) ? Math.min(across, together) : across;
  const y = wishes.some(({ square }) => square) ? Math.min(down, x) : down;
  return barred.map((bar) => ({ pitch: [x, y], bar }));
}

/** A place in a row. */
export interface Seat {
  /** Says what one would like, in a room for all; gives what one gets. */
  ask(wish: Wish, room: number): Share;
  leave(): void;
}

interface Sitting {
  place: () => number;
  wish: Wish | null;
  got: string;
  changed: () => void;
}

// On the page, not in this module: every widget's script may be a module of its own.
const KEY = Symbol.for("layergrid.rows.2");
const page = globalThis as { [KEY]?: WeakMap<object, Set<Sitting>> };

/**
 * Sits down in the row that an element holds: a heatmap of the row that is also shown elsewhere
 * is alone there. `place` tells where in the row it stands, which may be another place later;
 * `changed` is called when what one gets is no longer what one got.
 */
export function sitDown(holder: object, place: () => number, changed: () => void): Seat {
  page[KEY] ??= new WeakMap();
  const row = page[KEY].get(holder) ?? new Set<Sitting>();
  page[KEY].set(holder, row);
  const own: Sitting = { place, wish: null, got: "", changed };
  row.add(own);

  /** Tells each what it gets now; the one that asks gets it as the answer. */
  function share(room: number, asking: Sitting | null): Share | null {
    const there = [...row]
      .filter((one): one is Sitting & { wish: Wish } => one.wish !== null)
      .sort((a, b) => a.place() - b.place());
    const shares = sharesOf(
      there.map(({ wish }) => wish),
      room,
    );
    let answer: Share | null = null;
    there.forEach((one, k) => {
      const got = JSON.stringify(shares[k]);
      if (one === asking) answer = shares[k] ?? null;
      else if (one.got !== got) queueMicrotask(one.changed);
      one.got = got;
    });
    return answer;
  }

  let lastRoom = 0;
  return {
    ask(wish, room) {
      own.wish = wish;
      lastRoom = room;
      return share(room, own) as unknown as Share;
    },
    leave() {
      row.delete(own);
      share(lastRoom, null);
    },
  };
}
