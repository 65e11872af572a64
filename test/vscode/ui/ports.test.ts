import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { errors, type Locator } from "playwright-core";
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
  const listed = (port: string) => window.page.locator(".panel .monaco-list-row", { hasText: port }).first();
  await window.runCommand("Ports: Focus on Ports View");
  await window.runCommand("Pincer: Stop gateway");
  await window.waitForStatus("Pincer: stopped");
  await untilListed(listed);
  await window.runCommand("Pincer: Start gateway");
  await window.waitForStatus("Pincer: running");
  // Not always the one that it had before: others take ports, too.
  const own = new URL(editor.gateway()!.url).port;
  if (isTold) return await listed(own).waitFor();
  await untilListed(listed);
  expect(await listed(own).count()).toBe(0);
  expect((await window.toasts()).join("\n")).not.toContain(`port ${own} `);
});

/** Opens ports until the editor lists one: it counts as there before, for ever, what listens when it first looks, and is late with that when the machine is busy. */
async function untilListed(listed: (port: string) => Locator): Promise<void> {
  const servers: Server[] = [];
  try {
    let isListed = false;
    while (!isListed) {
      const server = createServer().listen(0, "127.0.0.1");
      servers.push(server);
      await once(server, "listening");
      isListed = await listed(String((server.address() as AddressInfo).port))
        .waitFor({ timeout: 5_000 })
        .then(() => true, isLate);
    }
  } finally {
    for (const server of servers) server.close();
  }
}

function isLate(error: unknown): false {
  if (error instanceof errors.TimeoutError) return false;
  throw error;
}
