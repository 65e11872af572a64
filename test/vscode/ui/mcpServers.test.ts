import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

const FAKE = path.join(import.meta.dirname, "../../fakes/mcpServer.ts");
const started = (mode: object) =>
  `{ command: ${JSON.stringify(process.execPath)}, args: [--no-warnings, ${JSON.stringify(FAKE)}, '${JSON.stringify(mode)}'] }`;

describe("MCP servers in a real editor", () => {
  let editor: Editor;
  let window: EditorWindow;

  beforeAll(async () => {
    const config = ["mcp:", "  servers:", `    garden: ${started({})}`, `    broken: ${started({ dies: true })}`].join(
      "\n",
    );
    editor = await startEditor({ config });
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  test("they stand in a tree of their own, with their state as it changes", async () => {
    await window.openTrees();
    await window.row("MCP servers", "garden").waitFor();
    await editor.call("/api/mcp/restart", { server: "garden" });
    await editor.call("/api/mcp/restart", { server: "broken" });
    const rows = async () => (await window.rows("MCP servers")).join("\n");
    await expect.poll(rows).toMatch(/garden, ready · \d+ tools/);
    await expect.poll(rows).toMatch(/broken, failed/);
    await window.screenshot("mcp servers");
  });
});
