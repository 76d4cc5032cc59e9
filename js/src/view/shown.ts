// What a view shows, and what it asks for: all that it has in common with a model.
import type { Known } from "../values/colors";
import type { Click, Command, Placed, Rect, Snapshot, Tile } from "../wire";

/** What a view asks for. Commands are of layers and components, whatever stands where. */
export interface Actions {
  gesture(command: Command | null, click: Click | null): void;
  hover(cell: number | null): void;
  step(index: number): void;
  /** Says where the cells stand, to what stands beside them. */
  placed(placed: Placed): void;
  /** The person does something at the picture: values that are not here are worth asking for. */
  near(): void;
  /** There are pixels for so many layers and components. */
  blocks(layers: number, components: number): void;
  /** Asks which cell stands for some, where values are not here. */
  read(rect: Rect): void;
  undo(): void;
  redo(): void;
  dismiss(): void;
  /** Says whether a view can be seen: nobody needs live frames that nobody sees. */
  seen(view: object, visible: boolean): void;
  /** Asks for blocks of some cells, where the overview is too coarse. */
  tile(rect: Rect, layers: number, components: number): void;
}

/** What a view shows. */
export interface Shown extends Snapshot {
  /** What to tell the person about gestures that got no answer, if anything. */
  waiting: string;
  /** The cell that is pointed at in a linked heatmap, flat. */
  elsewhere: number | null;
  /** What was answered of a large grid whose values are not here: cells, and by the rectangle that
   * was asked about the cell that stands for it. */
  known: Known;
  found: ReadonlyMap<string, number>;
  /** Some cells of it that are finer than the rest. */
  tile: Tile | null;
  /** Whether this is a live frame, which the traits say nothing of yet. */
  live: boolean;
  /** Whether there are changes of the mask to take back, or to do again. */
  undoable: boolean;
  redoable: boolean;
}

export interface View {
  /** Shows a state; `changed` names the parts that differ from the one before. */
  show(shown: Shown, changed: ReadonlySet<string>): void;
  destroy(): void;
}
