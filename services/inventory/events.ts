/** What inventory tells the mesh. Fire-and-forget: a listener that is away misses it, so nothing may depend on it. */
export interface StockChanged {
  readonly productId: string;
  /** Pieces that can be ordered from now on. Events may overtake each other: a hint, not the truth. */
  readonly available: number;
}

export const STOCK_CHANGED = 'stock.changed';
