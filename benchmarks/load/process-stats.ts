/** What a process and all its descendants have used, out of Linux's /proc: the figures that survive a busy machine. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessStats {
  /** User and system time so far, in µs; its step is a tick of 10 ms. */
  readonly cpu: number;
  /** Resident memory now, in MiB. */
  readonly memory: number;
}

/** USER_HZ, which Linux fixes at 100 for every program that asks. */
const TICK_US = 10_000;

/** @throws Error where there is no /proc. */
export function processStats(pid: number): ProcessStats {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readStat);
  const family = new Set([pid]);
  // A parent may come after its child in the list.
  for (let grown = -1; grown !== family.size; ) {
    grown = family.size;
    for (const { id, parent } of all) if (family.has(parent)) family.add(id);
  }
  const members = all.filter(({ id }) => family.has(id));
  return {
    cpu: members.reduce((sum, { ticks }) => sum + ticks * TICK_US, 0),
    memory: members.reduce((sum, { id }) => sum + residentMiB(id), 0),
  };
}

interface Stat {
  readonly id: number;
  readonly parent: number;
  readonly ticks: number;
}

function readStat(name: string): Stat[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The command's name is in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [{ id: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    return [];
  }
}

function residentMiB(pid: number): number {
  try {
    const kib = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
