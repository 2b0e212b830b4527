/**
 * Optional platform packages that a lockfile leaves out. A registry that carries only one platform's binaries makes npm
 * write such a lockfile without a word, and `npm ci` then refuses it on every machine.
 */

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** `name@range` of every optional dependency that no entry in reach of its dependent provides. */
export function missingOptionalPackages({ packages }: Lockfile): string[] {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !inReach(packages, path, name))
      .map(([name, range]) => `${name}@${range}`),
  );
}

/** Node's rule: the dependent's own node_modules, then those of each folder above it. */
function inReach(packages: Lockfile['packages'], path: string, name: string): boolean {
  for (let base = path; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    if (`${base === '' ? '' : `${base}/`}node_modules/${name}` in packages) return true;
    if (base === '') return false;
  }
}
