import type { ErrorDetail } from "../../protocol/error.ts";

/** The first fault of a configuration that keeps the gateway from starting. Line and column count from 1. */
export interface ConfigFault {
  file: string;
  line: number;
  column: number;
  /** In a line, as in "openclaw.yml, line 3: Unknown key (and 2 more)". */
  sentence: string;
}

/** Undefined where the details tell of none. */
export function firstFault(details: ErrorDetail[] | undefined): ConfigFault | undefined {
  const faults = (details ?? []).flatMap(({ path, message }) => {
    const found = /^(.+):(\d+):(\d+)$/.exec(path);
    return found ? [{ file: found[1]!, line: Number(found[2]), column: Number(found[3]), message }] : [];
  });
  const [first] = faults;
  if (!first) return undefined;
  const name = first.file.split(/[/\\]/).at(-1)!;
  const more = faults.length === 1 ? "" : ` (and ${faults.length - 1} more)`;
  return { ...first, sentence: `${name}, line ${first.line}: ${first.message}${more}` };
}
