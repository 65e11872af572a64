import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";

const troubleshooting = readFileSync("docs/troubleshooting.md", "utf8");
/** What docs/troubleshooting.md tells one to set. */
const told = JSON.parse(`{${/`("remote\.portsAttributes": .*?)`/.exec(troubleshooting)![1]}}`) as Record<
  string,
  unknown
>;

let editor: Editor | undefined;
afterEach(() => editor?.close());

test.each([
  { title: "without a setting the editor tells of it, as of any other", settings: {}, isTold: true },
  { title: "the setting of docs/troubleshooting.md ends that, and nothing else", settings: told, isTold: false },
])("the gateway's port in a remote editor: $title", async ({ settings, isTold }) => {
  editor = await startEditor({ settings: { "remote.autoForwardPorts": true, ...settings }, takesDefaultPort: true });
  const window = await editor.open();
  await window.waitForStatus("Pincer: running");
  const own = new URL(editor.gateway()!.url).port;
  await window.runCommand("Ports: Focus on Ports View");
  const listed = (port: string) => window.page.locator(".panel .monaco-list-row", { hasText: port }).first();
  if (isTold) return await listed(own).waitFor();
  const other = createServer().listen(0, "127.0.0.1");
  try {
    await once(other, "listening");
    await listed(String((other.address() as AddressInfo).port)).waitFor();
    expect(await listed(own).count()).toBe(0);
    expect((await window.toasts()).join("\n")).not.toContain(`port ${own} `);
  } finally {
    other.close();
  }
});
