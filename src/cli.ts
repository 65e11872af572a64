#!/usr/bin/env node
import { run } from "./cli/runCli.ts";

// The reader of a pipe may leave early, as head does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await run(process.argv.slice(2), process);
