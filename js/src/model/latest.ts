// One question at a time: of those that come up before its answer, the last one is asked after it.

export class Latest<Q> {
  #ask: (question: Q) => void;
  #asked: Q | null = null;
  #next: Q | null = null;

  constructor(ask: (question: Q) => void) {
    this.#ask = ask;
  }

  /** What was asked and has no answer yet. */
  get asked(): Q | null {
    return this.#asked;
  }

  /** What is to be known in the end, null once it is. */
  get wanted(): Q | null {
    return this.#next ?? this.#asked;
  }

  want(question: Q): void {
    this.#next = question;
    if (this.#asked === null) this.answered();
  }

  answered(): void {
    this.#asked = this.#next;
    this.#next = null;
    if (this.#asked !== null) this.#ask(this.#asked);
  }

  /** No answer to anything that was wanted so far will be of use. */
  forget(): void {
    this.#asked = null;
    this.#next = null;
  }
}
