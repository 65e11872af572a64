import type { Texts } from "../../base/text/texts.ts";
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
export function faultSentence([first, ...others]: ConfigFault[], { t }: Texts): string | undefined {
  if (!first) return undefined;
  const name = first.path.split(/[/\\]/).at(-1)!;
  const { line, message } = first;
  return others.length === 0
    ? t("{0}, line {1}: {2}", name, line, message)
    : t("{0}, line {1}: {2} (and {3} more)", name, line, message, others.length);
}
