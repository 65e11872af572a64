import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runTool } from "../steps/process.mjs";

/** Packs an extension that puts one test into the test explorer, "beds > counts" at notes.md:3, and resolves with its .vsix. */
export async function packGardenTests(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(folder, "extension.js"), source);
  const file = path.join(folder, "garden-tests.vsix");
  const flags = ["--no-dependencies", "--allow-missing-repository", "--skip-license"];
  const { code, output } = await runTool("vsce", ["package", ...flags, "--out", file], { cwd: folder });
  if (code !== 0) throw new Error(output);
  return file;
}

const manifest = {
  name: "garden-tests",
  publisher: "pincer-dev",
  version: "1.0.0",
  engines: { vscode: "^1.106.0" },
  main: "./extension.js",
  activationEvents: ["onStartupFinished"],
};

const source = `
const vscode = require("vscode");
exports.activate = ({ subscriptions }) => {
  const tests = vscode.tests.createTestController("garden", "Garden");
  const [folder] = vscode.workspace.workspaceFolders;
  const file = vscode.Uri.joinPath(folder.uri, "notes.md");
  const place = (line) => new vscode.Range(line, 0, line, 1);
  const beds = Object.assign(tests.createTestItem("beds", "beds", file), { range: place(0) });
  const counts = Object.assign(tests.createTestItem("counts", "counts", file), { range: place(2) });
  beds.children.add(counts);
  tests.items.add(beds);
  subscriptions.push(tests);
};
`;
