import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";

// Two packages as they would be installed side by side: this one, and the next, whose store has one table more.

const root = fileURLToPath(new URL("../..", import.meta.url));
const older = join(root, "dist/cli.mjs");
let newer: string;
/** A machine that does much else takes minutes for a build of seconds: only what hangs is to end. */
const BUILD_MS = 360_000;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-next-"));
  for (const name of ["src", "webview-ui", "media", "esbuild.mjs", "notices.mjs", "package.json", "tsconfig.json"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  change(join(folder, "package.json"), /"version": "[^"]+"/, '"version": "99.0.0"');
  const migrations = join(folder, "src/store/sqlite/migrate.ts");
  change(migrations, "\n];", '\n  "CREATE TABLE later (x TEXT) STRICT;",\n];');
  execFileSync(process.execPath, ["esbuild.mjs"], { cwd: folder });
  newer = join(folder, "dist/cli.mjs");
  return () => rmSync(folder, { recursive: true, force: true });
}, BUILD_MS);

function change(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, "utf8");
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
}

/** A state folder, and gateways of either version over it. */
async function open() {
  const gate = Promise.withResolvers<void>();
  const model = await startAnthropicServer({
    async script({ text }) {
      if (text === "wait") await gate.promise;
      return { text: `Echo: ${text}` };
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "pincer-versions-"));
  const stateDir = join(folder, "home");
  mkdirSync(stateDir);
  const children: ChildProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await gone;
      }),
    );
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (cli: string, ...more: string[]) => {
    const workspace = join(folder, `work-${children.length}`);
    mkdirSync(workspace);
    const env = { PATH: process.env["PATH"], HOME: folder, PINCER_HOME: stateDir };
    const keys = { ANTHROPIC_API_KEY: "sk-ant-versions", ANTHROPIC_BASE_URL: model.url };
    const child = spawn(process.execPath, [cli, "gateway", "--port", "0", "--workspace", workspace, ...more], {
      env: { ...env, ...keys },
      stdio: ["ignore", "ignore", "pipe"],
    });
    children.push(child);
    let said = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (said += text));
    const gone = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { pid: child.pid!, gone, said: () => said, kill: () => child.kill("SIGKILL") };
  };
  const leader = () => readGatewayFile(stateDir);
  const leads = (pid: number) => expect.poll(() => leader()?.pid).toBe(pid);
  const send = async (message: string) => {
    const { url, token } = leader()!;
    const answer = await fetch(`${url}/api/sessions/send`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ message, sessionKey: "main" }),
    });
    return ((await answer.json()) as { reply?: string }).reply;
  };
  const log = () => readFileSync(join(stateDir, "logs", "gateway.log"), "utf8");
  return { start, leads, leader, send, log, isAsked: () => model.received(1), letGo: gate.resolve };
}

test("the newer leads once the older has nothing under way; the older says why it ends, and waits beside it when started again", async () => {
  const { start, leads, leader, send, log, isAsked, letGo } = await open();
  const first = start(older, "--standby");
  await leads(first.pid);
  const waits = send("wait");
  await isAsked();
  const next = start(newer, "--standby");
  // It has the store open, with a table more, and is at work in its own folder.
  await expect.poll(log).toContain("this one waits for its turn");
  expect(leader()).toMatchObject({ pid: first.pid });
  letGo();
  expect(await waits).toBe("Echo: wait");
  await leads(next.pid);
  expect(await first.gone).toBe(1);
  expect(first.said()).toContain("a newer Pincer leads now: pincer gateway --standby, version 99.0.0");
  expect(await send("hello")).toBe("Echo: hello");

  const again = start(older, "--standby");
  await expect.poll(log).toContain("is older than the one that leads");
  // It cannot lead a store that it does not read, and says so; who can does.
  next.kill();
  await next.gone;
  await expect.poll(() => log().split("The store was written by a newer Pincer").length).toBeGreaterThan(2);
  const last = start(newer, "--standby");
  await leads(last.pid);
  expect(await send("more")).toBe("Echo: more");
  again.kill();
});

test("an older one that is to lead says why it does not", async () => {
  const { start, leads } = await open();
  const next = start(newer);
  await leads(next.pid);
  next.kill();
  await next.gone;
  const first = start(older);
  expect(await first.gone).toBe(1);
  expect(first.said()).toMatch(
    /The store was written by a newer Pincer .*Update Pincer, or choose another state folder/,
  );
});
