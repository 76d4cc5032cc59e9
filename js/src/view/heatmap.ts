// The view: DOM in, intentions out. It knows no model and no host, so that it runs anywhere.

import { centre } from "../layout/axes";
import { type Arrangement, flatAt, rectsOf, spotOf } from "../layout/order";
import {
  cellOf,
  isInSight,
  nearestCell,
  type Spot,
  samePixels,
  type Target,
  targetAt,
  targetOf,
} from "../layout/place";
import { placedOf } from "../layout/placed";
import { isAll } from "../layout/window";
import { createCells } from "../paint/cells";
import { createMinimap } from "../tools/minimap";
import { isSorted, type Sorting, UNSORTED } from "../tools/sorting";
import { createTools } from "../tools/tools";
import { commandFor } from "../values/legend";
import { hasAll, highlighted, selected } from "../values/members";
import { runsIn } from "../values/runs";
import { describeGrid } from "./a11y";
import { drawBar } from "./bar";
import { createTeller, isShared, ownWidth } from "./beside";
import { drawChrome } from "./chrome";
import { build, setBox, setPlace } from "./dom";
import type { Drawn } from "./drawn";
import { createLegend } from "./entries";
import { showError } from "./error";
import { createFiner } from "./finer";
import { follow } from "./follow";
import { cancel, type GestureState, IDLE, type Outcome, type Scene } from "./gesture";
import { receive } from "./input";
import { placeLines } from "./lines";
import { drawPicked, drawStatus, type Picked } from "./picked";
import { COUNTED, PAINTING, type Placeable, planOf, READ, RESIZING } from "./plan";
import { drawPointed } from "./pointed";
import { selectionAsPython } from "./python";
import { createRoom } from "./room";
import { createScrubber } from "./scrubber";
import type { Actions, Shown, View } from "./shown";
import { createSoon } from "./soon";
import { currentTheme } from "./theme";
import { createZoom } from "./zoom";

export function createHeatmap(parent: HTMLElement, actions: Actions): View {
  const nodes = build();
  const { root, picture } = nodes;
  const cells = createCells(nodes);
  const legend = createLegend(nodes, (entry, toggles) => {
    const command = drawn && commandFor(entry, drawn.shown, cells.codes(), toggles);
    if (command) actions.gesture(command, null);
  });
  const scrubber = createScrubber(nodes, (step) => actions.step(step));
  const soon = createSoon();
  const finer = createFiner(actions);
  const room = createRoom(root, parent, placeAgain);
  const teller = createTeller((placed) => actions.placed(placed));

  let drawn: Drawn | null = null;
  let theme = currentTheme();
  let gesture: GestureState = IDLE;
  let byKeys = false;
  let pointed: Target = null;
  /** Where the pointer was last, in the picture. */
  let pointer: readonly [x: number, y: number] = [0, 0];
  let sorting: Sorting = UNSORTED;
  let picked: Picked | null = null;
  let visible = true;
  /** What is to be shown once somebody can see it, and what of it is new. */
  let missed: { shown: Shown; changed: ReadonlySet<string> } | null = null;

  // ── showing ───────────────────────────────────────────────────────────────────────────────

  function show(next: Shown, changed: ReadonlySet<string>): void {
    const all = new Set([...changed, ...(missed?.changed ?? [])]);
    const any = (keys: readonly string[]) => keys.some((name) => all.has(name));
    // What nobody sees costs nothing, as long as nothing else has to make way for it.
    missed = drawn && !visible && !any(RESIZING) ? { shown: next, changed: all } : null;
    if (missed) return;
    const before = drawn?.arrangement;
    const others = drawn?.shown.axes.id !== next.axes.id;
    if (others) sorting = UNSORTED;
    const turned = before?.transpose !== next.transpose;
    const { of, placing, clipped } = planOf(drawn, next, any, sorting, cells.read);
    if (others) gesture = IDLE;
    else if (before && before !== of.arrangement)
      gesture = carried(gesture, before, of.arrangement);
    if (others || turned) pointed = null;
    const { whole, place } = drawn && !placing ? drawn : placed(of, others || turned);
    drawn = { ...of, whole, place, theme };
    picked = {
      selected: picked && !any(["selection"]) ? picked.selected : selected(next),
      highlighted:
        picked && !any(["mask", "step", "axes"]) ? picked.highlighted : highlighted(next),
    };
    if (any(["error"])) showError(nodes, next.error, () => actions.dismiss());
    if (any(["elsewhere"]) && next.elsewhere !== null) useKeys(false);
    // The cells are painted before the page has given room, so that they are there at first sight.
    if (placing || any(PAINTING)) cells.paint(drawn);
    if (!room.given()) picture.style.height = `${place.height}px`;
    else if (placing) drawPlaced(drawn);
    else redraw(drawn, any, clipped);
    finer.placed(drawn);
    if (isSorted(sorting)) actions.near();
    if (any(["found"]) && cellOf(pointed)) point(cells.seen(drawn, pointed));
  }

  function redraw(
    now: NonNullable<typeof drawn>,
    any: (keys: readonly string[]) => boolean,
    clipped: boolean,
  ): void {
    if (any(PAINTING)) {
      cells.mark(now);
      drawMinimap(now);
    }
    const recoloured = any(["table", "reserved"]);
    if (recoloured || clipped) drawBar(nodes, now);
    if (recoloured || any([...COUNTED, "click"])) legend.draw(now, recoloured);
    if (any(["step"])) scrubber.draw(now);
    if (any(["mask", "step", "click"])) redrawPicked();
    else if (any(["selection"])) soon.draw(redrawPicked);
    if (any([...READ, "selection", "mask", "moment", "live", "waiting"])) soon.draw(redrawStatus);
    if (any(["overview", "click", "undoable", "redoable", "categories"])) drawTools();
    const follows = pointed || byKeys || now.shown.elsewhere !== null;
    if (any(["elsewhere"]) || (follows && any([...READ, "coords", "known"])))
      soon.draw(drawFollowing);
  }

  /** Places the same anew: there is another width, or another zoom. */
  function placeAgain(): void {
    if (!drawn) return;
    const before = drawn.place;
    drawn = { ...drawn, ...placed(drawn, false) };
    if (!samePixels(before, drawn.place)) cells.paint(drawn);
    drawPlaced(drawn);
    finer.placed(drawn);
  }

  /** What stands where, for all cells or for the part of them that was looked at before. */
  function placed(of: Placeable, all: boolean): Pick<Drawn, "whole" | "place"> {
    const whole = room.place(of);
    return { whole, place: room.through(whole, zoom.fit(whole, all)) };
  }

  /** Shows the part of the cells that is looked at now. */
  function lookAgain(): void {
    if (!drawn) return;
    drawn = { ...drawn, place: room.through(drawn.whole, zoom.sight()) };
    cells.paint(drawn);
    // The pointer may be over another cell now, though it has not moved.
    if (pointed) point(seenAt(...pointer));
    drawPlaced(drawn);
    finer.placed(drawn);
  }

  function drawMinimap(now: Drawn): void {
    minimap.draw(now, zoom.sight(), room.own(now.whole));
  }

  /** Draws everything but the cells' colours. */
  function drawPlaced(now: Drawn): void {
    const { place, shown } = now;
    root.style.setProperty("--layergrid-ratio", String(place.ratio));
    picture.style.width = `${place.width}px`;
    picture.style.height = `${place.height}px`;
    picture.toggleAttribute("data-zoomed", !isAll(now.whole, zoom.sight()));
    describeGrid(nodes, shown, place);
    for (const layer of [nodes.cells, nodes.marks]) {
      setBox(layer, place.cells.x, place.cells.y, place.cells.w, place.cells.h);
    }
    placeLines(nodes, place);
    setPlace(nodes.foot, place.cells.x, place.statusY - 12);
    cells.mark(now);
    drawChrome(nodes, place);
    drawBar(nodes, now);
    legend.draw(now, true);
    scrubber.draw(now);
    redrawPicked();
    redrawStatus();
    drawFollowing();
    drawTools();
    drawMinimap(now);
    const box = parent.parentElement;
    if (box && isShared(box)) teller.tell(placedOf(place, now.arrangement, box.clientWidth));
  }

  // ── what is picked, status, what is pointed at ────────────────────────────────────────────

  function redrawPicked(): void {
    if (drawn && picked) drawPicked(nodes, drawn, gesture, picked);
  }

  function redrawStatus(): void {
    if (drawn && picked) drawStatus(nodes, drawn.shown, picked);
  }

  /** What follows the pointer; or the focus while keys are in use; or a pointer elsewhere. */
  function drawFollowing(): void {
    if (!drawn) return;
    const { place, shown, arrangement } = drawn;
    const focus = byKeys ? gesture.focus : null;
    const target =
      pointed || focus || shown.elsewhere === null
        ? pointed
        : targetOf(spotOf(arrangement, shown.elsewhere));
    const hover = cellOf(target);
    if (hover) finer.pointed(drawn, hover, false);
    else if (focus) finer.pointed(drawn, focus, true);
    drawPointed(nodes, drawn, { target, focus }, room.own(place));
  }

  function drawTools(): void {
    if (!drawn) return;
    const { undoable, redoable } = drawn.shown;
    const can = { undo: undoable, redo: redoable, all: !isAll(drawn.whole, zoom.sight()) };
    tools.draw(drawn, can, room.own(drawn.place));
  }

  // ── input ─────────────────────────────────────────────────────────────────────────────────

  function scene(): Scene {
    const { shown, place, arrangement } = drawn as Drawn;
    const members = (picked as Picked)[shown.click === "mask" ? "highlighted" : "selected"];
    return {
      rows: place.rows.count,
      columns: place.columns.count,
      picked: (area) =>
        hasAll(members, runsIn(rectsOf(arrangement, area), arrangement.components.length)),
      get count() {
        return members.count;
      },
      mode: shown.click,
    };
  }

  function obey({ state, pick, click }: Outcome): void {
    if (byKeys && state.focus && state.focus !== gesture.focus) zoom.show(state.focus);
    const redraws = state.focus !== gesture.focus || state.drag?.to !== gesture.drag?.to;
    gesture = state;
    const arrangement = drawn?.arrangement;
    if (arrangement && (pick || click)) {
      const rects = pick?.area ? rectsOf(arrangement, pick.area) : [];
      actions.gesture(
        pick && { op: pick.op, rects },
        click && { cell: flatAt(arrangement, click.spot), modifiers: [...click.modifiers] },
      );
    }
    if (redraws) soon.draw(redrawPicked);
    if (redraws && byKeys) soon.draw(drawFollowing);
  }

  function point(target: Target): void {
    if (JSON.stringify(target) === JSON.stringify(pointed)) return;
    const before = cellOf(pointed);
    pointed = target;
    soon.draw(drawFollowing);
    if (before || cellOf(target)) tellHover();
  }

  function tellHover(): void {
    const spot = cellOf(pointed);
    actions.hover(spot && drawn ? flatAt(drawn.arrangement, spot) : null);
  }

  function useKeys(on: boolean): void {
    if (on === byKeys) return;
    byKeys = on;
    if (on) pointed = null;
    picture.toggleAttribute("data-keys", on);
    drawFollowing();
  }

  const seenAt = (x: number, y: number) =>
    drawn ? cells.seen(drawn, targetAt(drawn.place, x, y)) : null;

  const zoom = createZoom(nodes, {
    whole: () => drawn?.whole ?? null,
    focus() {
      const { focus } = gesture;
      if (!focus || !drawn || !isInSight(drawn.place, focus)) return null;
      return [centre(drawn.place.rows, focus[0]), centre(drawn.place.columns, focus[1])];
    },
    cancel: () => obey(cancel(gesture)),
    moved: () => soon.draw(lookAgain),
  });
  const minimap = createMinimap(nodes, cells.paintAll, zoom.centre);

  const tools = createTools(nodes, {
    sorting: () => sorting,
    sort(axis, key) {
      sorting = { ...sorting, [axis]: key };
      if (!drawn) return;
      show(missed?.shown ?? drawn.shown, new Set(["sorting"]));
      drawTools();
    },
    focus: () => (gesture.focus && drawn ? flatAt(drawn.arrangement, gesture.focus) : null),
    go(flat) {
      if (!drawn) return;
      const focus = spotOf(drawn.arrangement, flat);
      useKeys(true);
      obey({ state: { focus, anchor: focus, drag: null }, pick: null, click: null });
    },
    leave() {
      picture.focus({ preventScroll: true });
      useKeys(true);
    },
    all: zoom.all,
    undo: () => actions.undo(),
    redo: () => actions.redo(),
  });

  root.dataset.theme = theme;
  parent.append(root);
  receive(nodes, {
    targetAt: seenAt,
    nearest: (x, y) => nearestCell((drawn as Drawn).place, x, y),
    scene,
    gesture: () => gesture,
    obey,
    point(target, at) {
      pointer = at;
      point(target);
    },
    useKeys,
    tool: (...key) => [scrubber, zoom, tools].some((part) => part.key(...key)),
    near: () => actions.near(),
    asPython() {
      if (!drawn?.shown.selection.length) return "";
      const { variable, axes, selection } = drawn.shown;
      return selectionAsPython(variable, axes, selection);
    },
  });
  const inRow = () => drawn?.shown.row === true;
  const unfollow = follow(root, inRow, {
    resized(width, holder) {
      if (room.give(ownWidth(holder, width), holder, inRow())) placeAgain();
    },
    zoomed() {
      if (room.given()) placeAgain();
    },
    seen(is) {
      visible = is;
      actions.seen(root, is);
      if (is && missed) show(missed.shown, missed.changed);
    },
    themed(next) {
      theme = next;
      root.dataset.theme = next;
      if (!drawn) return;
      drawn = { ...drawn, theme };
      cells.paint(drawn);
      cells.mark(drawn);
      drawBar(nodes, drawn);
      legend.draw(drawn, true);
    },
  });

  return {
    show,
    destroy() {
      unfollow();
      room.leave();
      scrubber.stop();
      teller.stop();
      soon.stop();
      root.remove();
    },
  };
}

/** The same cells where they stand in another arrangement. */
function carried(state: GestureState, from: Arrangement, to: Arrangement): GestureState {
  const moved = (spot: Spot | null) => spot && spotOf(to, flatAt(from, spot));
  return { focus: moved(state.focus), anchor: moved(state.anchor), drag: null };
}
