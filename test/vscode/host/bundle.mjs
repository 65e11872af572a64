import { build } from "esbuild";
import { globSync, rmSync } from "node:fs";
import path from "node:path";
import { root } from "../../steps/process.mjs";

rmSync(path.join(root, "out/test"), { recursive: true, force: true });
// The tests are bundled for the extension host as the extension is: it loads CommonJS, and knows "vscode".
await build({
  absWorkingDir: root,
  entryPoints: ["test/vscode/host/index.ts", ...globSync("test/vscode/host/*.test.ts", { cwd: root })],
  outdir: "out/test",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  sourcemap: "inline",
  external: ["vscode", "mocha"],
  logLevel: "warning",
});
