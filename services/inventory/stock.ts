/** What is on the shelf of one product. */
export interface Stock {
  /** The product's id. */
  readonly id: string;
  /** Pieces that can still be ordered. */
  readonly available: number;
}

export interface OrderedItem {
  readonly productId: string;
  readonly quantity: number;
}

/** A store's answer to a reservation: all of it or nothing. */
export type Reservation =
  | {
      readonly kind: 'reserved' /** The stock left, of the products it changed. */;
      readonly changed: readonly Stock[];
    }
  | { readonly kind: 'out of stock'; readonly missing: Stock }
  /** It was released: perhaps before the reservation arrived. */
  | { readonly kind: 'released' };

/** Pieces of all products together: whatever is restocked is somewhere among them. */
export interface Totals {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}
