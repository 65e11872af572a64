import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../steps/process.mjs";
import { openBrowser } from "../browser.ts";
import { EditorWindow } from "../editorWindow.ts";

// What a newcomer does: npm start, the printed line, the printed address, and an end.

const base = mkdtempSync(path.join(tmpdir(), "pincer start-"));
let started: Started;

interface Started {
  npm: ChildProcess;
  output(): string;
  /** All processes that came of it. */
  tree: number[];
}

beforeAll(async () => {
  started = await start();
});

afterAll(async () => {
  started.npm.kill("SIGTERM");
  await expectGone(started.tree);
  rmSync(base, { recursive: true, force: true, maxRetries: 5 });
});

test("the printed line works as it is", () => {
  const line = /^ {2}(curl .*)$/m.exec(started.output())![1]!;
  const answer = JSON.parse(execFileSync("bash", ["-c", line], { encoding: "utf8" })) as { status: string };
  expect(answer.status).toBe("ok");
});

test("the printed address opens the editor with Pincer in it", async () => {
  const browser = await openBrowser();
  const window = new EditorWindow(await browser.newPage({ viewport: { width: 1400, height: 1000 } }));
  await window.page.goto(addressOf(started), { waitUntil: "domcontentloaded" });
  expect(window.page.url()).not.toContain("tkn=");
  await window.waitForStatus("Pincer: attached");
  const chat = await window.openChat();
  await chat.locator("textarea").first().fill("hi");
  await window.screenshot("start");
  await browser.close();
});

test("without the address nobody gets in: no file, no window, no wire", async () => {
  const { origin, port } = new URL(addressOf(started));
  const token = `/vscode-remote-resource?path=${encodeURIComponent(path.join(base, "home", "token"))}`;
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
  const env = { ...process.env, PINCER_HOME: path.join(base, "home"), DISPLAY: "", WAYLAND_DISPLAY: "" };
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
