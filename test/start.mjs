import { spawn } from "node:child_process";
import { installPackages } from "./steps/packages.mjs";
import { node } from "./steps/node.mjs";
import { root } from "./steps/process.mjs";

// npm start: a gateway and an editor with the extension in it, on a fresh clone with nothing but Node 20 and npm.

try {
  if (await installPackages()) console.log("Installed the packages that the lockfile names.");
  // The channel tells the child when this process is gone, however it went.
  const child = spawn(node(), ["test/start/main.ts"], { cwd: root, stdio: ["inherit", "inherit", "inherit", "ipc"] });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => process.exit(code ?? 1));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
