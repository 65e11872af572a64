import { isAppError } from "./appError.ts";

/** Where lines go: the editor's log channel, or a file and stderr. Redaction happens in the sink, never at the source. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A caught value for the log: the sentence that somebody is meant to see, or of a bug the stack and its causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isAppError(error) && error.code !== "internal") return error.message;
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describeError(error.cause)}`;
}
