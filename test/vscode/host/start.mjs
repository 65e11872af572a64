import { runTests } from "@vscode/test-electron";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startAnthropicServer } from "../../fakes/anthropic/anthropicServer.ts";
import { leaveOthersOut } from "../../environment.ts";
import { root } from "../../steps/process.mjs";

// Runs the tests inside the extension host. PINCER_VSCODE names a desktop VS Code to use in place of the browser's.

leaveOthersOut(process.env);
const base = mkdtempSync(path.join(tmpdir(), "pincer-host-"));
const [home, folder] = ["home", "workspace"].map((name) => path.join(base, name));
for (const made of [home, folder]) mkdirSync(made);
writeFileSync(path.join(folder, "notes.md"), "# Notes\n\nfirst\nsecond\n");
const model = await startAnthropicServer();
writeFileSync(
  path.join(home, "openclaw.yml"),
  [
    "model: anthropic/claude-haiku-5-5",
    "gateway: { port: 0 }",
    "agent: { approvals: auto }",
    `providers: { anthropic: { apiKey: "test-key-of-the-fake-server", baseUrl: "${model.url}" } }`,
    "",
  ].join("\n"),
);

try {
  process.exitCode = await runTests({
    vscodeExecutablePath: process.env.PINCER_VSCODE ?? path.join(root, "test/vscode/host/code.mjs"),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, "out/test/index.cjs"),
    launchArgs: [folder, `--user-data-dir=${path.join(base, "profile")}`, "--disable-workspace-trust"],
    extensionTestsEnv: { PINCER_HOME: home, PINCER_TEST_REPORT: path.join(root, "out/host.json") },
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await model.close();
  rmSync(base, { recursive: true, force: true, maxRetries: 5 });
}
