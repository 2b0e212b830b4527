import type { GraphQLError } from 'graphql';
import type { ResponsePath } from './values.ts';

interface PlaceNode {
  failed: boolean;
  readonly below: Map<string | number, PlaceNode>;
}

const newPlace = (): PlaceNode => ({ failed: false, below: new Map() });

/**
 * The errors of one operation and the places of the response they account for, as the client names them.
 *
 * GraphQL §6.4.4 wants one error per failed field: a null that an error above, at or below it already explains gets
 * no second one.
 */
export class ErrorLog {
  readonly errors: GraphQLError[] = [];
  readonly #places = newPlace();

  /** Adds an error; nulls at its path are explained by it. */
  add(error: GraphQLError): void {
    this.report(error);
    if (error.path) this.explain(error.path);
  }

  /** Adds an error that explains nothing by itself. */
  report(error: GraphQLError): void {
    this.errors.push(error);
  }

  /** Nulls at and below this path have their error already. */
  explain(path: ResponsePath): void {
    let place = this.#places;
    for (const step of path) {
      const next = place.below.get(step) ?? newPlace();
      place.below.set(step, next);
      place = next;
    }
    place.failed = true;
  }

  isExplained(path: ResponsePath): boolean {
    let place = this.#places;
    for (const step of path) {
      if (place.failed) return true;
      const next = place.below.get(step);
      if (!next) return false;
      place = next;
    }
    // Something here or below failed: a null here is that failure, bubbled up.
    return place.failed || place.below.size > 0;
  }
}
