/**
 * Every error code the shop's services give to a client, in one place. docs/errors.md is held to it by a test.
 * `status` is the HTTP status over REST; inside a GraphQL response it plays no part.
 */
import { Errors } from 'moleculer';

export interface ErrorEntry {
  readonly status: number;
  /** May the same request succeed if it is simply sent again? */
  readonly retryable: boolean;
  readonly meaning: string;
}

export const shopErrors = {
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    meaning: 'Nobody is logged in, and this needs somebody.',
  },
  FORBIDDEN: { status: 403, retryable: false, meaning: 'Whoever is logged in may not do this.' },
  BAD_CREDENTIALS: {
    status: 401,
    retryable: false,
    meaning: 'No user has this name and password; which of the two is wrong is not told.',
  },
  USERNAME_TAKEN: { status: 409, retryable: false, meaning: 'Another user has this username.' },
  EMAIL_TAKEN: { status: 409, retryable: false, meaning: 'Another user has this email address.' },
  BAD_CURSOR: { status: 400, retryable: false, meaning: 'A cursor that this connection never gave out.' },
  BAD_PAGE_SIZE: {
    status: 400,
    retryable: false,
    meaning: '`first` and `last` take 0 to 100, and only one of the two may be given.',
  },
  PRODUCT_NOT_FOUND: { status: 404, retryable: false, meaning: 'There is no product with this id.' },
  PRODUCT_TWICE: { status: 400, retryable: false, meaning: 'An order names the same product on two lines.' },
  OUT_OF_STOCK: { status: 409, retryable: false, meaning: 'Fewer pieces are available than asked for.' },
  ALREADY_REVIEWED: { status: 409, retryable: false, meaning: 'This user has reviewed this product before.' },
  REPLAY_INCOMPLETE: {
    status: 409,
    retryable: false,
    meaning: 'The stream no longer has every event that was counted; what is shown stays as it was.',
  },
  NOT_SHIPPABLE: {
    status: 409,
    retryable: false,
    meaning: 'No way of shipping takes a parcel of this weight.',
  },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    retryable: false,
    meaning: 'This idempotency key was used before, for a request that asked for something else.',
  },
  MAIL_NOT_FOUND: { status: 404, retryable: false, meaning: 'You have no mail with this id.' },
  ORDER_NOT_FOUND: { status: 404, retryable: false, meaning: 'You have no order with this id.' },
  ORDER_SHIPPED: {
    status: 409,
    retryable: false,
    meaning: 'The order is on its way: too late to cancel it.',
  },
  PAYMENT_DECLINED: { status: 402, retryable: false, meaning: 'The payment was declined.' },
  PAYMENT_NOT_OPEN: {
    status: 409,
    retryable: false,
    meaning: 'There is no such payment to take: never authorized, or voided or refunded since.',
  },
  RESERVATION_RELEASED: {
    status: 409,
    retryable: false,
    meaning: 'What was reserved for this order, or would have been, was given back.',
  },
  SHIPMENT_CANCELLED: { status: 409, retryable: false, meaning: 'The shipment of this order was cancelled.' },
  STORE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'The database of a service is away; what was asked for may have been done.',
  },
  FAULT_INJECTED: { status: 503, retryable: true, meaning: 'A fault that an administrator switched on.' },
} as const satisfies Record<string, ErrorEntry>;

export type ShopErrorCode = keyof typeof shopErrors;

/**
 * An error a client may see, with its code in `extensions.code`.
 *
 * @param message where the meaning alone leaves the client guessing which thing is meant. No secrets.
 */
export function shopError(
  code: ShopErrorCode,
  message: string = shopErrors[code].meaning,
): Errors.MoleculerError {
  const { status, retryable } = shopErrors[code];
  if (retryable) return new Errors.MoleculerRetryableError(message, status, code);
  return new Errors.MoleculerClientError(message, status, code);
}
