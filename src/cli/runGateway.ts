import { runVerbs } from "./runVerbs.ts";
import type { Io } from "./terminal/io.ts";
import { gateway } from "./verbs/gateway/gatewayVerb.ts";

/** Runs a command line that begins with "gateway": in dist/ a file with the agent, not one that all verbs share. */
export function run(args: string[], io: Io): Promise<number> {
  return runVerbs([gateway], args, io);
}
