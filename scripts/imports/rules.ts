/** Who may import whom. Pure: paths and texts in, offences out. */
import { posix } from 'node:path';

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Offence {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

interface Import {
  /** A path from the project's root for a relative import; the bare specifier otherwise. */
  readonly target: string;
  readonly relative: boolean;
  readonly typeOnly: boolean;
  readonly line: number;
}

type Rule = (file: SourceFile, found: Import) => string | undefined;

/** Every offence of `files`, in their order. */
export function checkImports(files: readonly SourceFile[]): Offence[] {
  return files.flatMap((file) => {
    const offences = importsOf(file).flatMap((found) =>
      rules.flatMap((rule) => {
        const message = rule(file, found);
        return message === undefined ? [] : [{ path: file.path, line: found.line, message }];
      }),
    );
    return [...offences, ...environmentReads(file)];
  });
}

const isTest = (path: string) => /\.(test|contract)\.ts$|\/test\/|\/test-[^/]+\.ts$/.test(path);
const room = (path: string) => /^services\/([^/]+)\//.exec(path)?.[1];
const packageOf = (path: string) => /^packages\/([^/]+)\//.exec(path)?.[1];
const isApp = (target: string) => /^(gateway|services)\//.test(target);

/** Infrastructure that every room may use; it is no service. */
const shared = 'common';

const rules: readonly Rule[] = [
  (file, { target }) =>
    packageOf(file.path) && isApp(target) ? 'a package never imports gateway/ or services/' : undefined,

  (file, { target }) => {
    const [own, other] = [packageOf(file.path), packageOf(target)];
    if (!own || !other || own === other) return undefined;
    return `packages import each other by name, never by path into ${other}`;
  },

  (file, { target }) => {
    if (isTest(file.path) || packageOf(file.path) === undefined) return undefined;
    return /^(scripts|test|benchmarks|config\.ts|moleculer\.config\.ts)/.test(target)
      ? 'a package stands alone: it never imports the repository around it'
      : undefined;
  },

  (file, { target, relative }) => {
    const [own, other] = [room(file.path), room(target)];
    if (!relative || !own || !other || own === other || other === shared) return undefined;
    if (own === shared && isTest(file.path)) return undefined;
    return `a service never imports another service (${other}): it calls its actions and hears its events`;
  },

  (file, { target }) =>
    file.path.startsWith('gateway/') && !isTest(file.path) && target.startsWith('services/')
      ? 'the gateway knows no service: services/ can be deleted'
      : undefined,

  (file, { target }) =>
    file.path.startsWith('services/') && !isTest(file.path) && target.startsWith('gateway/')
      ? 'a service knows no gateway'
      : undefined,

  (file, { target, typeOnly, relative }) => {
    if (!isDomain(file) || typeOnly || (relative && target.startsWith('services/common/'))) return undefined;
    return 'a domain file imports only types: it decides, the shell acts';
  },
];

/** Files of a room that talk to the world around it; every other file of a room is its domain. */
const shell =
  /(\.service|-store|-tables|-loader|-provider)\.ts$|^(resolvers|seed|events|password|token)\.ts$/;

function isDomain({ path }: SourceFile): boolean {
  const name = /^services\/(?!common\/)[^/]+\/([^/]+)$/.exec(path)?.[1];
  return name !== undefined && !isTest(path) && !shell.test(name);
}

function importsOf({ path, text }: SourceFile): Import[] {
  const statement =
    /^[ \t]*(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]+?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...text.matchAll(statement)].map((match) => {
    const specifier = match[2] ?? match[3] ?? '';
    const relative = specifier.startsWith('.');
    return {
      target: relative ? posix.join(posix.dirname(path), specifier) : specifier,
      relative,
      typeOnly: match[1] !== undefined,
      line: lineAt(text, match.index + match[0].length - match[0].trimStart().length),
    };
  });
}

/** Configuration enters once: these may read the environment, nothing else. */
const mayReadEnvironment = /(^|\/)config\.ts$|^moleculer\.config\.ts$|^(scripts|test|benchmarks)\/|\/test\//;

function environmentReads({ path, text }: SourceFile): Offence[] {
  if (mayReadEnvironment.test(path) || isTest(path)) return [];
  return [...text.matchAll(/\bprocess\.env\b/g)]
    .filter((match) => !inComment(text, match.index))
    .map((match) => ({
      path,
      line: lineAt(text, match.index),
      message: 'process.env is read in config.ts, moleculer.config.ts, scripts/, test/ and benchmarks/ only',
    }));
}

function inComment(text: string, index: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', index) + 1, index);
  return /^\s*(\*|\/\/|\/\*)/.test(before) || before.includes('// ');
}

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length;
