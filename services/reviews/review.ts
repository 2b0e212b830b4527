export interface Review {
  readonly id: string;
  readonly productId: string;
  readonly userId: string;
  /** 1 to 5. */
  readonly rating: number;
  readonly title: string;
  readonly body: string;
  /** The author had bought the product here when it was written. */
  readonly verified: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** What all reviews of one product say together. */
export interface Rating {
  /** The product's id. */
  readonly id: string;
  readonly reviewCount: number;
  /** One decimal; null without reviews. */
  readonly averageRating: number | null;
}

export function toRating(id: string, reviewCount: number, sum: number): Rating {
  return {
    id,
    reviewCount,
    averageRating: reviewCount === 0 ? null : Math.round((sum / reviewCount) * 10) / 10,
  };
}
