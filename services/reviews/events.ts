/** What reviews needs of `order.placed`. */
export interface OrderPlaced {
  readonly customerId: string;
  readonly items: readonly { readonly productId: string }[];
}
