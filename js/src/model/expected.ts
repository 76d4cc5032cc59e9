// What is to be shown of a thing (the selection, the mask) that the person changes: what the
// kernel has confirmed, and on top of it what it has not answered yet. Pure.
import type { Axes, Command } from "../wire";

/** A command, the axes whose cells it names, and the step at which it changes something. */
export interface Edit {
  command: Command;
  axes: Axes;
  step: number;
}

export interface Rules<T> {
  /** What comes of edits; the same object where they change nothing. */
  after(state: T, edits: readonly Edit[]): T;
  same(a: T, b: T): boolean;
}

export class Expected<T> {
  #rules: Rules<T>;
  #confirmed: T;
  #shown: T;
  #pending: { key: string; edit: Edit }[] = [];

  constructor(rules: Rules<T>, confirmed: T) {
    this.#rules = rules;
    this.#confirmed = confirmed;
    this.#shown = confirmed;
  }

  get shown(): T {
    return this.#shown;
  }

  /** Is told by the kernel; what was done on other axes named other cells. */
  confirm(state: T, axes: Axes): void {
    this.#confirmed = state;
    this.#pending = this.#pending.filter(({ edit }) => edit.axes.id === axes.id);
    this.#settle();
  }

  /** Is done at once; `key` says what answer it waits for. */
  expect(key: string, edit: Edit): void {
    if (edit.command.op === "set") {
      // Whatever was there before: so that what nobody ever answers does not pile up.
      this.#pending = this.#pending.filter((earlier) => earlier.edit.step !== edit.step);
    }
    this.#pending.push({ key, edit });
    this.#shown = this.#rules.after(this.#shown, [edit]);
  }

  /** Has been answered, where `waits` says so of its key: what came of it is confirmed. */
  keep(waits: (key: string) => boolean): void {
    const before = this.#pending.length;
    this.#pending = this.#pending.filter(({ key }) => waits(key));
    if (this.#pending.length !== before) this.#settle();
  }

  #settle(): void {
    const edits = this.#pending.map(({ edit }) => edit);
    const state = this.#rules.after(this.#confirmed, edits);
    if (!this.#rules.same(state, this.#shown)) this.#shown = state;
  }
}
