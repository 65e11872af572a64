import { packExtension } from "./packExtension.ts";

/** Packs an extension that puts one test into the test explorer, "beds > counts" at notes.md:3, and resolves with its .vsix. */
export function packGardenTests(folder: string): Promise<string> {
  return packExtension(folder, { name: "garden-tests", activationEvents: ["onStartupFinished"], source });
}

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
