#!/usr/bin/env node
import { isTooOld, oldestNode } from "./cli/terminal/nodeVersion.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // It serves, whoever takes the one line that it says.
  if (process.argv[2] === "gateway") return;
  // The reader of a pipe may leave early, as head does.
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`pincer: what there is to say could not be written: ${error.message}\n`);
  process.exit(1);
});
// Whoever read the log has gone, a terminal that was closed for one: no reason to stop, and the log has its file.
process.stderr.on("error", () => {});

// Windows would look for a program in the folder we are in first, and only then on the path.
process.env.NoDefaultCurrentDirectoryInExePath = "1";

const { node } = process.versions;
// The doctor says the same, beside all else that it finds.
if (isTooOld(node) && process.argv[2] !== "doctor") {
  process.stderr.write(
    `pincer: Node.js ${oldestNode} or newer is needed, and this is ${node} (${process.execPath}); get one from https://nodejs.org\n`,
  );
  process.exitCode = 1;
} else {
  // Not at the top: an older Node.js could not even read it.
  const { keepCompiled } = await import("./cli/terminal/keepCompiled.ts");
  keepCompiled(process.env);
  const args = process.argv.slice(2);
  const { run } = await (args[0] === "gateway" ? import("./cli/runGateway.ts") : import("./cli/runCli.ts"));
  process.exitCode = await run(args, process);
}
