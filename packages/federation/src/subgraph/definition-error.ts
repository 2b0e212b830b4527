import { relative } from 'node:path';
import { Errors } from 'moleculer';

/** One thing wrong with a service's subgraph; `file` is absolute, absent when it is not known. */
export interface Problem {
  readonly message: string;
  readonly file?: string;
  readonly line?: number | undefined;
}

/**
 * The error that ends the creation of a service whose subgraph cannot work: one line a problem, each with
 * `file:line`, so that an editor can jump there.
 */
export function definitionError(service: string, problems: readonly Problem[]): Error {
  const lines = problems.map(
    ({ message, file, line }) => `  ${file ? `${place(file, line)} ` : ''}${message}`,
  );
  return new Errors.ServiceSchemaError(`Service '${service}' is not a subgraph:\n${lines.join('\n')}`, {
    service,
    problems,
  });
}

/** `file:line`, the file as seen from the working directory. */
export function place(file: string, line?: number): string {
  return `${relative(process.cwd(), file)}${line ? `:${line}` : ''}`;
}
