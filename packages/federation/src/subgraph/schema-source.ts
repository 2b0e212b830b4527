import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaHash } from '../protocol.ts';
import type { CallSite } from './call-site.ts';
import { definitionError } from './definition-error.ts';

export interface SchemaSource {
  /** The text as its author wrote it: what is hashed, served and composed, so that lines in errors are theirs. */
  readonly sdl: string;
  readonly hash: string;
  /** Absolute path; undefined when the SDL was given as text. */
  readonly file: string | undefined;
}

/**
 * Reads the `schema` option: SDL text, file URL, absolute path, or a path relative to the file of `definedAt`.
 *
 * @throws ServiceSchemaError naming the service and both files when there is no such file.
 */
export function readSchema(
  schema: string | URL,
  { service, definedAt }: { service: string; definedAt: CallSite | undefined },
): SchemaSource {
  if (typeof schema === 'string' && /[{\n]/.test(schema))
    return { sdl: schema, hash: schemaHash(schema), file: undefined };
  const file = toPath(schema, service, definedAt);
  try {
    const sdl = readFileSync(file, 'utf8');
    return { sdl, hash: schemaHash(sdl), file };
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    const message = `schema: ${String(schema)} leads to ${file}: ${reason}`;
    throw definitionError(service, [{ message, ...definedAt }]);
  }
}

function toPath(schema: string | URL, service: string, definedAt: CallSite | undefined): string {
  if (schema instanceof URL || schema.startsWith('file:')) return fileURLToPath(schema);
  if (isAbsolute(schema)) return schema;
  if (definedAt) return resolve(dirname(definedAt.file), schema);
  const message = `schema: the file that '${schema}' is relative to is unknown; pass new URL('${schema}', import.meta.url)`;
  throw definitionError(service, [{ message }]);
}
