import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEditor } from "../editor.ts";

test("a second window joins a gateway that serves by a certificate of its own", async () => {
  const editor = await startEditor();
  onTestFinished(() => editor.close());
  const file = path.join(editor.home, "openclaw.yml");
  const served = readFileSync(file, "utf8").replace("gateway: { port: 0 }", "gateway: { port: 0, tls: selfSigned }");
  expect(served).toContain("selfSigned");
  writeFileSync(file, served);
  const first = await editor.open();
  await first.waitForStatus("Pincer: running");
  expect(editor.gateway()!.url).toMatch(/^https:/);
  const folder = path.join(path.dirname(editor.folder), "second");
  mkdirSync(folder);
  const second = await editor.open({ folder });
  await second.waitForStatus("Pincer: attached");
});
