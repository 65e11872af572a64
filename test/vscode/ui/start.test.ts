import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startAnthropicServer } from "../../fakes/anthropic/anthropicServer.ts";
import type { ModelServer } from "../../fakes/modelServer.ts";
import { startOpenaiChatServer } from "../../fakes/openaiChatServer.ts";
import { root } from "../../steps/process.mjs";
import type { Browser } from "playwright-core";
import { openBrowser, openPage } from "../browser.ts";
import { EditorWindow } from "../editorWindow.ts";

// What a newcomer does: npm start, the printed line, the printed address, and an end.

const base = mkdtempSync(path.join(tmpdir(), "pincer start-"));
const home = path.join(base, "home");
let claude: ModelServer;
let started: Started;
let browser: Browser;
let window: EditorWindow;

interface Started {
  npm: ChildProcess;
  output(): string;
  /** All processes that came of it. */
  tree: number[];
}

beforeAll(async () => {
  claude = await startAnthropicServer({ script: () => ({ text: "I am Claude." }) });
  mkdirSync(home);
  writeFileSync(path.join(home, "openclaw.yml"), `providers:\n  anthropic:\n    baseUrl: ${claude.url}\n`);
  started = await start();
  browser = await openBrowser();
  window = new EditorWindow(await openPage(await browser.newContext()));
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
});

afterAll(async () => {
  await browser.close();
  await claude.close();
  started.npm.kill("SIGTERM");
  await expectGone(started.tree);
  rmSync(base, { recursive: true, force: true, maxRetries: 5 });
});

test("the printed address opens the editor, Pincer's icon the chat, and a key leads to a first answer", async () => {
  await window.page.goto(addressOf(started), { waitUntil: "domcontentloaded" });
  expect(window.page.url()).not.toContain("tkn=");
  await window.waitForStatus("Pincer: attached");
  await window.openTrees();
  const chat = window.panel();
  await chat.getByText("It is not a language model").waitFor();
  await window.screenshot("start");
  await chat.getByRole("button", { name: "Set up a model…" }).click();
  await window.pick("Set up a model", "Anthropic");
  await window.answer("Anthropic API key", "a-key-of-the-fake-server");
  // `pincer gateway` leads here, which has no part in the editor's secrets.
  const dialog = window.page.locator(".monaco-dialog-box", { hasText: "secrets.json" });
  await dialog.getByRole("button", { name: "Keep it there too" }).click();
  await window.page.locator(".notification-toast", { hasText: "answers from now on" }).waitFor();
  await window.send("hello");
  await chat.locator(".assistant", { hasText: "I am Claude." }).waitFor();
  expect(statSync(path.join(home, "secrets.json")).mode & 0o777).toBe(0o600);
});

test("the printed line works as it is", async () => {
  const line = /^ {2}(curl .*)$/m.exec(started.output())![1]!;
  const { stdout } = await promisify(execFile)("bash", ["-c", line]);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ok", reply: "I am Claude." });
});

test("a server whose address is typed is asked for its models, and one of them becomes the usual one", async () => {
  const server = await startOpenaiChatServer({ script: () => ({ text: "I run at home." }) });
  await window.runCommand("Pincer: Set up a model…");
  await window.pick("Set up a model", "Another server");
  await window.answer("Address of the server", new URL(server.url).host);
  await window.pick("Usual model", "llama4");
  await window.page.locator(".notification-toast", { hasText: "server/llama4 answers from now on" }).waitFor();
  await window.send("hello");
  await window.panel().locator(".assistant", { hasText: "I run at home." }).waitFor();
  expect(readFileSync(path.join(home, "openclaw.yml"), "utf8")).toMatch(
    /baseUrl: http.*\/v1\nmodel: server\/llama4\n$/,
  );
  await server.close();
});

test("without the address nobody gets in: no file, no window, no wire", async () => {
  const { origin, port } = new URL(addressOf(started));
  const token = `/vscode-remote-resource?path=${encodeURIComponent(path.join(home, "token"))}`;
  for (const host of [`127.0.0.1:${port}`, `evil.example:${port}`]) {
    for (const target of ["/", token, "/healthz", "/proxy/3000/"])
      expect(await statusOf(origin + target, { host })).toBe(403);
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
    const key = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", origin: "http://evil.example" };
    expect(await statusOf(`${origin}/`, { host, ...upgrade, ...key })).toBe(403);
  }
});

test.each([
  ["SIGINT to npm", (npm: number) => process.kill(npm, "SIGINT")],
  ["SIGKILL to npm", (npm: number) => process.kill(npm, "SIGKILL")],
  ["SIGKILL to npm and its whole group", (npm: number) => process.kill(-parentOf(npm), "SIGKILL")],
  ["SIGKILL to what started npm", (npm: number) => process.kill(parentOf(npm), "SIGKILL")],
  ["SIGKILL to the process that starts the rest", (npm: number) => process.kill(mainOf(npm), "SIGKILL")],
])("%s ends all that it started", async (_what, end) => {
  const another = await start("shell");
  const npm = another.tree.find((pid) => commandOf(pid).startsWith("npm"))!;
  expect(another.tree.length).toBeGreaterThan(4);
  end(npm);
  await expectGone(another.tree.filter((pid) => pid !== another.npm.pid));
});

/** Runs `npm start` to the point where all is said; in a shell that waits for it when `within` is "shell". */
async function start(within?: "shell"): Promise<Started> {
  const env = { ...process.env, PINCER_HOME: home, DISPLAY: "", WAYLAND_DISPLAY: "" };
  const [command, args] = within ? ["bash", ["-c", "npm start; true"]] : ["npm", ["start"]];
  // An open pipe for its input: it is not in the background.
  const options = { cwd: root, env, stdio: ["pipe", "pipe", "pipe"] as ["pipe", "pipe", "pipe"], detached: true };
  const npm = spawn(command as string, args as string[], options);
  let output = "";
  for (const stream of [npm.stdout, npm.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  while (!output.includes("Ctrl+C stops")) {
    if (npm.exitCode !== null) throw new Error(output);
    await sleep(100);
  }
  return { npm, output: () => output, tree: treeOf(npm.pid!) };
}

function addressOf({ output }: Started): string {
  return /^ {2}(http:.*tkn=.*)$/m.exec(output())![1]!;
}

function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (answer) => resolve(answer.resume().statusCode));
    asked.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode);
    });
    asked.on("error", reject).end();
  });
}

function treeOf(pid: number): number[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const found = [pid];
  // The list grows while it is walked: the children of children come too.
  for (const parent of found) for (const [child, of] of pairs) if (of === parent) found.push(child!);
  return found;
}

function parentOf(pid: number): number {
  return Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }));
}

function commandOf(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

function mainOf(npm: number): number {
  return treeOf(npm).find((pid) => commandOf(pid).includes("test/start/main.ts"))!;
}

/** Waits until none of them runs; the test's own time limit is the end of patience. */
async function expectGone(pids: number[]): Promise<void> {
  for (const pid of pids) while (/\S/.test(commandOf(pid)) && !commandOf(pid).includes("<defunct>")) await sleep(100);
}
