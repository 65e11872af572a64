import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Job } from "../../../src/protocol/job.ts";
import { openJobSource } from "../../../src/vscode/jobs/jobSource.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";

test("a job is looked for in the file that declares it, and in no other with one of its name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-source-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [mine, theirs] = [join(folder, "mine.yml"), join(folder, "theirs.yml")];
  writeFileSync(mine, "cron:\n  - name: Lint, then test\n");
  writeFileSync(theirs, "model: a/b\n");
  const gateway = createEdgeGateway();
  Object.assign(gateway.app, { configPath: mine });
  const { window } = createEdgeWindow(gateway);
  const open = (file: string) => openJobSource(window, { name: "Lint, then test", file } as Job);
  await expect(open(theirs)).rejects.toThrow("declares the job “Lint, then test”");
  await open(mine);
});
