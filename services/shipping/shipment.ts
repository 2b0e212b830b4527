/** What leaves the house for an order. */
export interface Shipment {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: 'created' | 'cancelled';
  /** Null, as the method, where it was cancelled before it was made. */
  readonly trackingNumber: string | null;
  readonly method: string | null;
  /** Epoch ms. */
  readonly updatedAt: number;
}
