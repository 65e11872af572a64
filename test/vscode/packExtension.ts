import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runTool } from "../steps/process.mjs";

export interface ExtensionToPack {
  name: string;
  activationEvents: string[];
  /** CommonJS. */
  source: string;
}

/** Packs an extension of one file, to be installed beside ours, and resolves with its .vsix. */
export async function packExtension(folder: string, extension: ExtensionToPack): Promise<string> {
  const { name, activationEvents, source } = extension;
  const manifest = {
    ...{ name, activationEvents, publisher: "pincer-dev", version: "1.0.0" },
    ...{ engines: { vscode: "^1.106.0" }, main: "./extension.js" },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(folder, "extension.js"), source);
  const file = path.join(folder, `${name}.vsix`);
  const flags = ["--no-dependencies", "--allow-missing-repository", "--skip-license"];
  const { code, output } = await runTool("vsce", ["package", ...flags, "--out", file], { cwd: folder });
  if (code !== 0) throw new Error(output);
  return file;
}
