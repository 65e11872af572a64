// oxlint-disable-next-line import/no-unassigned-import -- it ends an older Node.js, before what that could not run
import "./steps/oldNode.mjs";
import { spawn } from "node:child_process";
import { whenOrphaned } from "./steps/ancestors.mjs";
import { askedDirectly } from "./steps/direct.mjs";
import { installPackages } from "./steps/packages.mjs";
import { node } from "./steps/node.mjs";
import { endAll, endGroup, root } from "./steps/process.mjs";

// npm start: a gateway and an editor with the extension in it, on a fresh clone with nothing but Node 20.11 and npm.
// This process stays to the end: it passes on what stops it, and ends what its child left behind.

/** Process groups that the child has started; who kills the child does not mean to leave them. */
const groups = new Set();
let child;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
whenOrphaned(stop);
// What read our output may be gone before us.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await installPackages();
  child = spawn(node(), ["test/start/main.ts"], {
    cwd: root,
    env: askedDirectly(process.env),
    // The channel tells the child when this process is gone, however it went.
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Out of reach of what ends our whole group at once, so that somebody is left to stop the rest.
    detached: process.platform !== "win32",
  });
  child.on("message", ({ group }) => groups.add(group));
  child.on("exit", (code) => {
    for (const group of groups) endGroup(group, "SIGKILL");
    process.exit(code ?? 1);
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function stop() {
  if (child) return void child.kill("SIGTERM");
  endAll();
  process.exit(1);
}
