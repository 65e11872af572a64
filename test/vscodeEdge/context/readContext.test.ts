import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../../src/base/log.ts";
import { configSchema } from "../../../src/config/configSchema.ts";
import type { ContextRef } from "../../../src/protocol/panel/contextRef.ts";
import type { ContextSources } from "../../../src/vscode/host/contextSources.ts";
import { readContext } from "../../../src/vscode/context/readContext.ts";
import { openScreen, Uri, workspace } from "../editor/vscode.ts";

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
  const client = { call: async () => ({ config }) };
  const sources = { client: () => client, log: silentLog } as unknown as ContextSources;
  const { attachments, refused } = await readContext(sources, refs);
  expect(attachments.map(({ data }) => data)).toEqual(["plan.md is read\n"]);
  expect(refused).toEqual([expect.stringContaining("diary.md is not attached: ")]);
});
