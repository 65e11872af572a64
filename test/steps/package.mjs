import { mkdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { node } from "./node.mjs";
import { must, root, runTool } from "./process.mjs";

const limitMb = 8;

/** Builds the extension (unless `built`) and packs it to out/pincer-VERSION.vsix. Resolves with a line about it. */
export async function packageExtension({ built = false } = {}) {
  if (!built) await must(node(), ["esbuild.mjs", "--production"]);
  mkdirSync(path.join(root, "out"), { recursive: true });
  const file = vsixPath();
  const { code, output } = await runTool("vsce", ["package", "--no-dependencies", "--out", file]);
  if (code !== 0) throw new Error(output);
  const mb = statSync(file).size / 1024 / 1024;
  const line = `${path.relative(root, file)}, ${mb.toFixed(2)} MB`;
  if (mb >= limitMb) throw new Error(`${line}: the limit is ${limitMb} MB`);
  return line;
}

export function vsixPath() {
  const { name, version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return path.join(root, "out", `${name}-${version}.vsix`);
}

if (process.argv[1] === import.meta.filename) console.log(await packageExtension());
