import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { node } from "../steps/node.mjs";
import { must, root } from "../steps/process.mjs";

const inputs = [
  "src",
  "webview-ui",
  "media",
  "esbuild.mjs",
  "notices.mjs",
  ".vscodeignore",
  "package.json",
  "package.nls.json",
  "package.nls.de.json",
  "l10n",
  "package-lock.json",
];
const outputs = ["dist/extension.cjs", "dist/app.mjs", "dist/cli.mjs", "dist/webview/main.js"];
const stamp = path.join(root, "out/start.stamp");

/** Builds to dist/ unless it holds the build of these very sources, and says so before. */
export async function buildIfChanged(): Promise<void> {
  const hash = sourceHash();
  if (outputs.every((file) => existsSync(path.join(root, file))) && builtFrom() === hash) return;
  console.log("Building.");
  await build(hash);
}

async function build(hash = sourceHash()): Promise<void> {
  await must(node(), ["esbuild.mjs", "--production"]);
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

/** The hash of the sources that dist/ was built from; undefined when something else than `npm start` has built it. */
export function builtFrom(): string | undefined {
  return existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined;
}

/** A hash of all that the extension is made of. */
function sourceHash(): string {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for (const file of filesOf(path.join(root, input))) hash.update(`${file}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function filesOf(input: string): string[] {
  if (!existsSync(input)) return [];
  const entries = /\.\w+$/.test(input) ? undefined : readdirSync(input, { recursive: true, withFileTypes: true });
  if (!entries) return [input];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

if (process.argv[1] === import.meta.filename) await build();
