import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { importServers } from "../../../src/vscode/mcp/importServers.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen, Uri, workspace } from "../editor/vscode.ts";

// Loaded here, so that no test waits for that.
beforeAll(async () => void (await import("../../../src/app.ts")));

const ADD = "Add to my openclaw.yml";

/** A folder that sets up servers for other programs; what is asked and shown, and the user's openclaw.yml after a yes. */
async function take(servers: object) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-servers-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, ".mcp.json"), JSON.stringify({ mcpServers: servers }));
  openScreen([[/^Servers run with your rights/, ADD]]);
  Object.assign(workspace, { workspaceFolders: [{ uri: Uri.file(folder) }] });
  const shown: string[] = [];
  const documents = { openText: async (_name: string, text: string) => void shown.push(text) };
  const host = { stateDir: folder };
  await importServers(createEdgeWindow(createEdgeGateway(), { documents, host }).window);
  const [question] = screen.asked;
  return { shown, question: question!, written: readFileSync(join(folder, "openclaw.yml"), "utf8") };
}

test("a few servers are named in the question as they would run", async () => {
  const { shown, question, written } = await take({ beds: { command: "beds-server", args: ["--all"] } });
  expect(shown).toEqual([]);
  expect(question.detail).toContain("beds-server");
  expect(written).toContain("beds-server");
});

test.each([
  ["many", Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`bed${at}`, { command: `server-${at}` }]))],
  ["a long one", { beds: { command: "server-0", args: Array.from({ length: 200 }, (_, at) => `--bed=${at}`) } }],
])(
  "what no question has room for is shown as a document, whole, and the question stays short: %s",
  async (_, servers) => {
    const { shown, question, written } = await take(servers);
    expect(question.detail).toBeUndefined();
    expect(question.text).toContain("bed");
    expect(question.text.length).toBeLessThan(300);
    expect(shown).toHaveLength(1);
    for (const name of Object.keys(servers)) expect(shown[0]).toContain(`${name}: `);
    expect(written).toContain("server-0");
  },
);
