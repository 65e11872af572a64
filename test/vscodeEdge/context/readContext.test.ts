import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../../src/base/log.ts";
import { configSchema } from "../../../src/config/configSchema.ts";
import type { ContextRef } from "../../../src/protocol/panel/contextRef.ts";
import type { ContextSources } from "../../../src/vscode/host/contextSources.ts";
import { readContext } from "../../../src/vscode/context/readContext.ts";
import { extensions, openScreen, Uri, workspace } from "../editor/vscode.ts";

test("a file that a rule denies to be read is not attached", async () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "pincer-chips-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  openScreen();
  Object.assign(workspace, { workspaceFolders: [{ uri: Uri.file(folder), name: "garden" }], textDocuments: [] });
  const refs = ["plan.md", "diary.md"].map((name): ContextRef => {
    writeFileSync(path.join(folder, name), `${name} is read\n`);
    return { kind: "file", label: name, icon: "file", uri: `file://${folder}/${name}` };
  });
  const config = configSchema.parse({ agent: { rules: [{ deny: "read", path: "diary.md" }] } });
  const sources = { rules: async () => config.agent.rules, log: silentLog } as unknown as ContextSources;
  const { attachments, refused } = await readContext(sources, refs);
  expect(attachments.map(({ data }) => data)).toEqual(["plan.md is read\n"]);
  expect(refused).toEqual([expect.stringContaining("diary.md is not attached: ")]);
});

test("changes carry no secret, however git is told to write them", async () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "pincer-chips-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" });
  git("init", "-q");
  const write = (word: string) => {
    for (const name of ["plan.md", ".env", "diary.md"]) writeFileSync(path.join(folder, name), `${name} ${word}\n`);
  };
  write("before");
  git("add", ".");
  git("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-qm", "first");
  git("config", "color.ui", "always");
  git("config", "diff.mnemonicPrefix", "true");
  write("after");
  openScreen();
  const repository = { rootUri: Uri.file(folder), state: { indexChanges: [], workingTreeChanges: [] } };
  const exports = { enabled: true, getAPI: () => ({ git: { path: "/nowhere/git" }, repositories: [repository] }) };
  Object.assign(extensions, { getExtension: () => ({ isActive: true, exports }) });
  Object.assign(workspace, { workspaceFolders: [{ uri: Uri.file(folder), name: "garden" }], textDocuments: [] });
  const rules = [{ deny: "read", path: "diary.md" }];
  const sources = { rules: async () => rules, log: silentLog } as unknown as ContextSources;
  const { attachments } = await readContext(sources, [
    { kind: "changes", label: "Unstaged changes", icon: "", id: "unstaged" },
  ]);
  expect(attachments.map(({ data }) => data.replace(/^index .*\n/m, ""))).toEqual([
    [
      "diff --git a/plan.md b/plan.md",
      "--- a/plan.md",
      "+++ b/plan.md",
      "@@ -1 +1 @@",
      "-plan.md before",
      "+plan.md after",
      "[.env has changed too and is left out: .env may hold secrets, so the agent does not get it this way]",
      "[diary.md has changed too and is left out: a rule refuses this: deny read: diary.md]",
    ].join("\n"),
  ]);
});

test("what a secret was in a commit is no more attached than the secret", async () => {
  openScreen();
  const shown = (file: string) => ({ uri: Uri.from({ scheme: "git", path: file }), getText: () => `text of ${file}` });
  Object.assign(workspace, { workspaceFolders: [{ uri: Uri.file("/w"), name: "w" }] });
  const documents = ["/w/.env", "/w/diary.md", "/w/plan.md"].map(shown);
  Object.assign(workspace, { textDocuments: documents });
  const rules = [{ deny: "read", path: "diary.md" }];
  const sources = { rules: async () => rules, log: silentLog } as unknown as ContextSources;
  const refs = documents.map(({ uri }): ContextRef => ({ kind: "file", label: uri.path, icon: "file", uri: `${uri}` }));
  const { attachments, refused } = await readContext(sources, refs);
  expect(attachments.map(({ data }) => data)).toEqual(["text of /w/plan.md"]);
  expect(refused.map((words) => words.split(":")[0])).toEqual([
    "/w/.env is not attached",
    "/w/diary.md is not attached",
  ]);
});
