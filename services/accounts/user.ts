/** A user as accounts keeps it. */
export interface User {
  readonly id: string;
  /** Lower case, unique. */
  readonly username: string;
  /** Lower case, unique; for its owner's eyes. */
  readonly email: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** Epoch ms. */
  readonly createdAt: number;
}

/** What others may see of a user; `email` only where the viewer is the user or an administrator. */
export interface Profile {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
}

export function toProfile({ id, username, name, email }: User, seesAll: boolean): Profile {
  return { id, username, name, email: seesAll ? email : null };
}
