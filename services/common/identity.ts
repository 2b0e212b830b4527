/** Who is calling. The gateway has verified the token; inside the mesh `ctx.meta.user` is believed. */
import type { Context } from 'moleculer';
import { shopError } from './errors.ts';

export interface Identity {
  readonly id: string;
  readonly roles: readonly string[];
}

/** What travels with each call. No `user` means anonymous. */
export interface Meta {
  user?: Identity;
}

/** @throws UNAUTHENTICATED */
export function requireUser(ctx: Context<unknown, Meta>): Identity {
  const { user } = ctx.meta;
  if (!user) throw shopError('UNAUTHENTICATED');
  return user;
}

/** @throws UNAUTHENTICATED, FORBIDDEN */
export function requireAdmin(ctx: Context<unknown, Meta>): Identity {
  const user = requireUser(ctx);
  if (!user.roles.includes('admin')) throw shopError('FORBIDDEN');
  return user;
}

/** May this caller see what belongs to the user `owner` alone? */
export function maySee(meta: Meta, owner: string): boolean {
  return meta.user !== undefined && (meta.user.id === owner || meta.user.roles.includes('admin'));
}
