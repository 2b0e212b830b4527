import { WireError } from '../wire-error.ts';

const NOTHING = Buffer.alloc(0);

/** The bytes of one body, in whatever pieces they come: a server that sends them one by one costs no more memory. */
export class BodyBytes {
  readonly #limit: number;
  /** Of what is being read. */
  #views: Buffer[] = [];
  /** Of earlier reads; with room at its end. */
  #kept = NOTHING;
  #keptSize = 0;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** To be called with what is announced, before it is waited for. @throws WireError TOO_LARGE */
  expect(bytes: number): void {
    if (this.#size + bytes > this.#limit)
      throw new WireError('TOO_LARGE', `the answer has more than ${this.#limit} bytes`);
  }

  /** @param view may be overwritten after the next `keep`. @throws WireError TOO_LARGE */
  add(view: Buffer): void {
    this.expect(view.length);
    this.#size += view.length;
    this.#views.push(view);
  }

  /** Copies what was added since the last call. */
  keep(): void {
    if (this.#kept.length < this.#size) {
      const larger = Buffer.allocUnsafe(2 * this.#size);
      this.#kept.copy(larger, 0, 0, this.#keptSize);
      this.#kept = larger;
    }
    for (const view of this.#views) this.#keptSize += view.copy(this.#kept, this.#keptSize);
    this.#views = [];
  }

  /** As UTF-8, without a byte order mark. */
  text(): string {
    if (this.#keptSize === 0 && this.#views.length === 1)
      return withoutMark(this.#views[0]!.toString('utf8'));
    this.keep();
    return withoutMark(this.#kept.toString('utf8', 0, this.#size));
  }
}

const withoutMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
