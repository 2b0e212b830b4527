/**
 * What accounts tells the mesh, under one name in two ways: as a Moleculer event, for caches, which a listener that is
 * away misses; and as a durable event, which reaches every group for certain.
 */
import { defineEvent } from 'moleculer-durable-events';

/** No address in it: streams are kept for long, and whoever may write to a user asks accounts. */
export interface UserRegistered {
  readonly userId: string;
  readonly name: string;
  /** Epoch ms. */
  readonly registeredAt: number;
}

export const USER_REGISTERED = 'user.registered';

export const userRegistered = defineEvent<UserRegistered>({
  type: USER_REGISTERED,
  version: 1,
  key: ({ userId }) => userId,
  schema: {
    type: 'object',
    required: ['userId', 'name', 'registeredAt'],
    properties: {
      userId: { type: 'string', minLength: 1 },
      name: { type: 'string' },
      registeredAt: { type: 'integer' },
    },
  },
});
