import { fileURLToPath } from 'node:url';
import { getCallSites } from 'node:util';

/** A line of somebody's source. */
export interface CallSite {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
}

/**
 * Where the function that asks was called: its caller's file and line. Undefined where there is no such file, as in a
 * REPL or `eval`.
 */
export function callerSite(): CallSite | undefined {
  // Frames: this function, the one that asks, its caller.
  const frame = getCallSites(3)[2];
  if (!frame) return undefined;
  if (frame.scriptName.startsWith('file:')) {
    return { file: fileURLToPath(frame.scriptName), line: frame.lineNumber };
  }
  return frame.scriptName.startsWith('/') || /^[A-Za-z]:\\/.test(frame.scriptName)
    ? { file: frame.scriptName, line: frame.lineNumber }
    : undefined;
}
