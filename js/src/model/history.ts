// What can be taken back, and what then can be done again. Pure.

import type { Command } from "../wire";
import type { Edit } from "./expected";

const MOST = 200;

/** An edit, and the command that takes it back. */
interface Deed {
  edit: Edit;
  inverse: Command;
}

export class History {
  #done: Deed[] = [];
  #undone: Deed[] = [];

  get undoable(): boolean {
    return this.#done.length > 0;
  }

  get redoable(): boolean {
    return this.#undone.length > 0;
  }

  /** Remembers what is done now; there is nothing to do again then. */
  add(edit: Edit, inverse: Command): void {
    this.#done.push({ edit, inverse });
    if (this.#done.length > MOST) this.#done.shift();
    this.#undone = [];
  }

  /** The edit that takes the last one back. */
  undo(): Edit | null {
    const deed = this.#done.pop();
    if (!deed) return null;
    this.#undone.push(deed);
    return { ...deed.edit, command: deed.inverse };
  }

  redo(): Edit | null {
    const deed = this.#undone.pop();
    if (!deed) return null;
    this.#done.push(deed);
    return deed.edit;
  }

  clear(): void {
    this.#done = [];
    this.#undone = [];
  }
}
