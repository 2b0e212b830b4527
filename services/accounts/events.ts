/** What accounts tells the mesh. Fire-and-forget: a listener that is away misses it, so nothing may depend on it. */
export interface UserRegistered {
  readonly userId: string;
  readonly name: string;
  /** Epoch ms. */
  readonly registeredAt: number;
}

export const USER_REGISTERED = 'user.registered';
