import type { ErrorDetail } from "../../protocol/error.ts";

/** A fault of a configuration that keeps the gateway from starting. Line and column count from 1. */
export interface ConfigFault {
  path: string;
  line: number;
  column: number;
  message: string;
}

/** Those among the details of an error, whose paths are "FILE:LINE:COLUMN". */
export function toConfigFaults(details: ErrorDetail[] = []): ConfigFault[] {
  return details.flatMap(({ path, message }) => {
    const found = /^(.+):(\d+):(\d+)$/.exec(path);
    return found ? [{ path: found[1]!, line: Number(found[2]), column: Number(found[3]), message }] : [];
  });
}

/** The first of them in a line, as in "openclaw.yml, line 3: Unknown key (and 2 more)"; undefined where there is none. */
export function faultSentence([first, ...others]: ConfigFault[]): string | undefined {
  if (!first) return undefined;
  const name = first.path.split(/[/\\]/).at(-1)!;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${name}, line ${first.line}: ${first.message}${more}`;
}
