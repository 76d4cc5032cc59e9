// What a view shows, and what it asks for: all that it has in common with a model.
import type { Click, Command, Snapshot } from "../wire";

/** What a view asks for. Commands are of layers and components, whatever stands where. */
export interface Actions {
  gesture(command: Command | null, click: Click | null): void;
  hover(cell: number | null): void;
  step(index: number): void;
  undo(): void;
  redo(): void;
  dismiss(): void;
  /** Says whether a view can be seen: nobody needs live frames that nobody sees. */
  seen(view: object, visible: boolean): void;
}

/** What a view shows. */
export interface Shown extends Snapshot {
  /** What to tell the person about gestures that got no answer, if anything. */
  waiting: string;
  /** The cell that is pointed at in a linked heatmap, flat. */
  elsewhere: number | null;
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
