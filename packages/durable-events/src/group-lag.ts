import type { GroupLag } from './channel.ts';

/** The order in which every channel lists its groups. */
export function byName(a: GroupLag, b: GroupLag): number {
  return `${a.event} ${a.group}` < `${b.event} ${b.group}` ? -1 : 1;
}
