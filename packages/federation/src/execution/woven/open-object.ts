import { SURPRISE } from '../compiled/leaf-text.ts';

/** Text of the answer, as it came but for the objects in between. */
export type Woven = string | ReadonlyArray<string | OpenObject>;

/** How the objects of a node are written. */
export interface Layout {
  /** Text before each value. */
  readonly starts: readonly string[];
  /** Where each value is kept. */
  readonly slots: readonly number[];
  readonly end: string;
}

/** An object that several answers fill, or that the client wants in another order than it came in. */
export class OpenObject {
  readonly values: Array<Woven | undefined>;
  readonly #layout: Layout;
  /** Written once, wherever it stands: equal objects are one. */
  #text: string | undefined;

  constructor(layout: Layout, size: number) {
    this.#layout = layout;
    this.values = new Array(size);
  }

  /** To be called when every answer is in. @throws SURPRISE when a value is not there. */
  text(): string {
    this.#text ??= this.#write();
    return this.#text;
  }

  #write(): string {
    const { starts, slots, end } = this.#layout;
    let text = '';
    for (let index = 0; index < starts.length; index++) {
      const value = this.values[slots[index]!];
      if (value === undefined) throw SURPRISE;
      text += starts[index]! + textOf(value);
    }
    return text + end;
  }
}

export function textOf(woven: Woven): string {
  if (typeof woven === 'string') return woven;
  let text = '';
  for (const piece of woven) text += typeof piece === 'string' ? piece : piece.text();
  return text;
}
