import { thisMachine } from "../base/findProgram.ts";
import { findExecutable } from "../browser/process/findExecutable.ts";

/** The browser that the tool would start, or why there is none. */
export function findBrowser(
  configured: string | undefined,
  env: Record<string, string | undefined>,
): { found: string } | { found?: undefined; reason: string } {
  try {
    return { found: findExecutable(configured, [process.cwd()], { ...thisMachine, env }) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
