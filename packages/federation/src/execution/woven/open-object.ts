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
  /** Does it stand in more than one place? */
  isShared = false;
  readonly #layout: Layout;
  /** Of a shared one: written once, wherever it stands. */
  #text: string | undefined;

  constructor(layout: Layout, size: number) {
    this.#layout = layout;
    this.values = new Array(size);
  }

  /** Adds its text. To be called when every answer is in. @throws SURPRISE when a value is not there. */
  writeTo(pieces: string[]): void {
    if (!this.isShared) {
      this.#write(pieces);
      return;
    }
    this.#text ??= this.#joined();
    pieces.push(this.#text);
  }

  /** Flat: what is copied to many places must not be put together at each. */
  #joined(): string {
    const pieces: string[] = [];
    this.#write(pieces);
    return pieces.join('');
  }

  #write(pieces: string[]): void {
    const { starts, slots, end } = this.#layout;
    for (let index = 0; index < starts.length; index++) {
      const value = this.values[slots[index]!];
      if (value === undefined) throw SURPRISE;
      pieces.push(starts[index]!);
      write(value, pieces);
    }
    pieces.push(end);
  }
}

/** The whole text. @throws SURPRISE as `writeTo` does. */
export function textOf(woven: Woven): string {
  const pieces: string[] = [];
  write(woven, pieces);
  let text = '';
  // Whoever sends it adds to it: joined here it would be copied twice.
  for (let index = 0; index < pieces.length; index++) text += pieces[index]!;
  return text;
}

function write(woven: Woven, pieces: string[]): void {
  if (typeof woven === 'string') {
    pieces.push(woven);
    return;
  }
  for (let index = 0; index < woven.length; index++) {
    const piece = woven[index]!;
    if (typeof piece === 'string') pieces.push(piece);
    else piece.writeTo(pieces);
  }
}
