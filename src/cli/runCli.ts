import { runVerbs } from "./runVerbs.ts";
import type { Io } from "./terminal/io.ts";
import { loadVerbs } from "./verbs/index.ts";

/** Runs any command line. Resolves with its exit code. */
export async function run(args: string[], io: Io): Promise<number> {
  return runVerbs(await loadVerbs(args[0]), args, io);
}
