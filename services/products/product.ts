import type { Money } from '../common/money.ts';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly brand: string;
  readonly category: string;
  readonly description: string;
  readonly price: Money;
  /** Grams. */
  readonly weight: number;
  /** Pieces of confirmed orders. */
  readonly sold: number;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** Which products a list holds; all conditions together. */
export interface ProductFilter {
  /** Words that must all occur in name, brand or category. */
  readonly search?: string | null;
  readonly category?: string | null;
  readonly brand?: string | null;
  /** Minor units, inclusive. */
  readonly minPrice?: number | null;
  readonly maxPrice?: number | null;
}

/** The words of a search, at most eight, each at most once. */
export function searchWords(search: string): string[] {
  return [...new Set(search.toLowerCase().split(/\s+/).filter(Boolean))].slice(0, 8);
}
