import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { App } from "../../src/app.ts";
import { silentLog } from "../../src/base/log.ts";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { createRouteClient } from "../../src/client/routeClient.ts";
import type { Files } from "../../src/core/ports/files.ts";
import { createDiskFiles } from "../../src/tools/files/diskFiles.ts";
import type { McpQuestion } from "../../src/protocol/mcp.ts";
import { setClockAside } from "../fakes/clockAside.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { posixTest } from "../posix.ts";
import { type AppBench, call, createAppBench } from "./bench.ts";

const openClient = async (app: App) => createRouteClient(await app.connect("panel"));

test("the leader gone, the one that worked beside it leads, as the same app", async () => {
  const bench = createAppBench();
  const leader = await bench.open();
  const window = await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [] }) });
  expect(window.role).toBe("client");
  expect(window.url).toBe(leader.url);
  expect([leader.leader, window.leader]).toEqual(["test", "test"]);
  const led = new Promise<void>((resolve) => window.onDidChange(() => window.role === "leader" && resolve()));
  bench.forget(leader);
  await leader.close();
  const wire = await openClient(window);
  await led;
  expect((await call(window, "/health")).status).toBe(200);
  expect((await wire.call("gateway.status", {})).url).toBe(window.url);
  expect(window.leader).toBe("window");
});

test("a machine that slept has the leader that it had before", async () => {
  const bench = createAppBench();
  const leader = await bench.open();
  const missed: string[] = [];
  const log = {
    ...silentLog,
    info: (line: string) => void (line === "The gateway that led is gone" && missed.push(line)),
  };
  const window = await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [], log }) });
  const db = new DatabaseSync(join(bench.stateDir, "pincer.db"), { timeout: 10_000 });
  onTestFinished(() => db.close());
  const expiry = () => Number(db.prepare("SELECT expires_at FROM leases WHERE name = 'gateway'").get()!["expires_at"]);
  setClockAside(3_600_000);
  expect(expiry()).toBeLessThan(Date.now());
  await expect.poll(expiry).toBeGreaterThan(Date.now());
  // The window has looked at it meanwhile, several times.
  expect(missed).toEqual([]);
  expect([leader.role, window.role, window.leader]).toEqual(["leader", "client", "test"]);
});

posixTest(
  "while the store takes nothing a window beside the leader stays with it, and both go on after it",
  async () => {
    const bench = createAppBench();
    const leader = await bench.open();
    const told = Promise.withResolvers<string>();
    const note = (line: string) => /led is gone|lead anew/.test(line) && told.resolve(line);
    const log = { ...silentLog, info: note, warn: note };
    const window = await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [], log }) });
    const file = join(bench.stateDir, "pincer.db");
    const db = new DatabaseSync(file, { timeout: 10_000 });
    onTestFinished(() => db.close());
    const expiry = () =>
      Number(db.prepare("SELECT expires_at FROM leases WHERE name = 'gateway'").get()!["expires_at"]);
    // As a full disk: what is written is refused, what is there can be read.
    renameSync(file, `${file}.aside`);
    setClockAside(3_600_000);
    expect(await told.promise).toBe("Nobody can lead anew for now: the store takes nothing");
    renameSync(`${file}.aside`, file);
    await expect.poll(expiry).toBeGreaterThan(Date.now());
    expect((await (await openClient(window)).call("gateway.status", {})).url).toBe(leader.url);
    expect([leader.role, window.role, window.leader]).toEqual(["leader", "client", "test"]);
  },
);

posixTest("who is to lead while the store takes nothing waits for that to end", async () => {
  const bench = createAppBench();
  const leader = await bench.open();
  const refused = Promise.withResolvers<void>();
  const info = (line: string) => line === "The gateway that led is gone" && refused.resolve();
  const host = bench.host({ name: "window", workspaces: () => [], log: { ...silentLog, info } });
  const window = await bench.open({ mode: "join", host });
  const file = join(bench.stateDir, "pincer.db");
  const led = new Promise<string>((resolve) => window.onDidChange(() => window.role === "leader" && resolve("leads")));
  renameSync(file, `${file}.aside`);
  bench.forget(leader);
  await leader.close().catch(() => {});
  await refused.promise;
  await new Promise(setImmediate);
  renameSync(`${file}.aside`, file);
  expect(await Promise.race([led, window.closed])).toBe("leads");
});

test("what asks of a gateway that has gone is told so, as of one that is not there yet", async () => {
  const bench = createAppBench();
  const leader = await bench.open();
  const attached = await bench.open();
  expect(attached.role).toBe("client");
  bench.forget(leader);
  await leader.close();
  await attached.closed;
  for (const gone of [leader, attached])
    await expect(gone.connect("panel")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^The gateway went away: /) as string,
    });
});

test("one that is closed in the middle of taking over leaves nothing: no gateway.json, no lease, no server", async () => {
  // So many turns of the event loop after it begins; the last is when it serves already.
  for (const turns of [0, 4, 32, Number.POSITIVE_INFINITY]) {
    const bench = createAppBench();
    const leader = await bench.open();
    const closed = Promise.withResolvers<void>();
    let url = "";
    const close = () => void window.close().then(closed.resolve, closed.reject);
    const info = async (line: string) => {
      const listening = /^The gateway listens on (.*)$/.exec(line);
      if (listening) url = listening[1]!;
      if (listening && turns === Number.POSITIVE_INFINITY) close();
      if (line !== "The gateway that led is gone" || turns === Number.POSITIVE_INFINITY) return;
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      close();
    };
    const host = bench.host({ name: "window", log: { ...silentLog, info: (line) => void info(line) } });
    const window = await bench.open({ mode: "join", host });
    for (const app of [leader, window]) bench.forget(app);
    await leader.close();
    await closed.promise;
    expect({ turns, file: readGatewayFile(bench.stateDir) }).toEqual({ turns, file: undefined });
    if (url) await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect((await bench.open({ mode: "lead" })).role).toBe("leader");
  }
});

test("a window that works beside the leader tells that its own configuration changed", async () => {
  const bench = createAppBench();
  await bench.open();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-own-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const host = bench.host({ name: "window", workspaces: () => [folder] });
  const window = await bench.open({ mode: "join", host });
  const changed = () => new Promise<void>((resolve) => window.onDidChange(resolve));
  expect([window.role, window.diagnostics()]).toEqual(["client", []]);
  const first = changed();
  writeFileSync(join(folder, "openclaw.yml"), "agent: { maxSteps: none }\n");
  await first;
  expect(window.diagnostics()).toMatchObject([{ path: join(folder, "openclaw.yml"), line: 1 }]);
});

test("a window that works beside the leader goes by the rules of its own folder, and of no other", async () => {
  const bench = createAppBench();
  bench.configure("agent: { rules: [{ deny: read, path: private/** }] }\n");
  writeFileSync(join(bench.workspace, "openclaw.yml"), "agent: { rules: [{ deny: read, path: plan.md }] }\n");
  const leader = await bench.open();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-own-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "openclaw.yml"), "agent: { rules: [{ deny: read, path: diary.md }] }\n");
  const window = await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [folder] }) });
  const paths = (app: App) => app.rules()?.map(({ path }) => path);
  expect(paths(leader)).toEqual(["private/**", "plan.md"]);
  expect(paths(window)).toEqual(["private/**", "diary.md"]);
});

/** A window with a folder of its own, in which one file has text that was not saved. */
async function openWindow(bench: AppBench, unsaved: string) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-own-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "notes.txt");
  writeFileSync(file, "saved\n");
  const disk = createDiskFiles();
  const page = { text: unsaved };
  // By which is seen what runs here.
  const read: string[] = [];
  const files: Files = {
    ...disk,
    readText: async (path) => {
      read.push(path);
      return path === file ? { text: page.text, encoding: "utf-8" } : disk.readText(path);
    },
    async writeText(path, text, ...more) {
      if (path === file) page.text = text;
      else await disk.writeText(path, text, ...more);
    },
  };
  const host = bench.host({ name: "window", workspaces: () => [folder], files });
  return { folder, file, page, read, window: await bench.open({ mode: "join", host }) };
}

async function configureModel(bench: AppBench, more = "") {
  const model = await startOpenaiChatServer();
  onTestFinished(() => model.close());
  bench.configure(
    `model: local/qwen3\nagent: { approvals: auto }\nproviders: { local: { api: openai-chat, baseUrl: "${model.url}/v1", models: [qwen3] } }\n${more}`,
  );
}

test("what runs in a window's folder works on the text that it has not saved, whoever is asked to run it", async () => {
  const bench = createAppBench();
  await configureModel(bench);
  const leader = await bench.open();
  const { folder, file, page } = await openWindow(bench, "typed and not saved\n");
  const { session } = (await call(leader, "/api/sessions/create", { workspace: folder })).body as {
    session: { key: string };
  };
  const send = async (message: string) =>
    (await call(leader, "/api/sessions/send", { message, sessionKey: session.key })).body["reply"];
  expect(await send("read notes.txt")).toContain("typed and not saved");
  expect(await send('tool:edit {"path":"notes.txt","oldText":"typed","newText":"changed"}')).not.toContain("Failed");
  expect(page.text).toBe("changed and not saved\n");
  expect(readFileSync(file, "utf8")).toBe("saved\n");
});

test("a window's question is answered where the gateway is, and its stop heard", async () => {
  const bench = createAppBench();
  await configureModel(bench);
  bench.configure(readFileSync(join(bench.stateDir, "openclaw.yml"), "utf8").replace("auto", "ask"));
  const leader = await bench.open();
  const { folder, window } = await openWindow(bench, "typed\n");
  const client = await openClient(leader);
  const { session } = await client.call("sessions.create", { workspace: folder });
  const asked = new Promise<string>((resolve) =>
    client.onEvent((event) => event.type === "approval.asked" && resolve(event.approval.id)),
  );
  await client.call("events.subscribe", {});
  const message = 'tool:write {"path":"new.txt","content":"made"}';
  const sent = client.call("sessions.send", { message, sessionKey: session.key });
  await client.call("approvals.answer", { id: await asked, decision: "allow" });
  expect((await sent).reply).not.toContain("Failed");
  expect(readFileSync(join(folder, "new.txt"), "utf8")).toBe("made");

  const started = new Promise<void>((resolve) => client.onEvent((event) => event.type === "text.delta" && resolve()));
  const slow = expect(client.call("sessions.send", { message: "sleep 50", sessionKey: session.key })).rejects.toThrow(
    "was cancelled",
  );
  await started;
  await client.call("sessions.abort", { sessionKey: session.key });
  await slow;
  expect(window.role).toBe("client");
});

test("what an MCP server of a window asks is listed and answered where the gateway is, and waits there no more when it is over", async () => {
  const bench = createAppBench();
  const mode = JSON.stringify({ tools: [{ name: "ask" }] });
  const fake = [process.execPath, "--no-warnings", join(import.meta.dirname, "../fakes/mcpServer.ts"), mode];
  const [command, ...args] = fake.map((part) => JSON.stringify(part));
  await configureModel(bench, `mcp: { servers: { x: { command: ${command}, args: [${args.join(", ")}] } } }`);
  const leader = await bench.open();
  const { folder } = await openWindow(bench, "typed\n");
  const client = await openClient(leader);
  const ask = async (workspace: string | null) => {
    const asked = new Promise<McpQuestion>((resolve) =>
      client.onEvent((event) => event.type === "mcp.asked" && resolve(event.question)),
    );
    const { session } = await client.call("sessions.create", { workspace });
    const sent = client.call("sessions.send", { message: "tool:mcp__x__ask {}", sessionKey: session.key });
    return { sent, question: await asked, sessionKey: session.key };
  };
  await client.call("events.subscribe", {});
  // Of a server of the gateway's own, and of one of the window's.
  for (const workspace of [null, folder]) {
    const { sent, question } = await ask(workspace);
    expect((await client.call("mcp.questions", {})).questions).toEqual([question]);
    const { id } = question;
    await expect(client.call("mcp.answer", { id, action: "accept", content: { nights: 3 } })).rejects.toThrow("city");
    await client.call("mcp.answer", { id, action: "accept", content: { city: "Kyoto" } });
    expect((await sent).reply).toContain('"content":{"city":"Kyoto","nights":2}');
  }
  const { sent, question, sessionKey } = await ask(folder);
  const over = new Promise<void>((resolve) =>
    client.onEvent((event) => event.type === "mcp.answered" && event.questionId === question.id && resolve()),
  );
  const cancelled = expect(sent).rejects.toThrow("was cancelled");
  await client.call("sessions.abort", { sessionKey });
  await cancelled;
  await over;
  expect((await client.call("mcp.questions", {})).questions).toEqual([]);
});

test("a session in a worktree runs where its repository's folder is open", async () => {
  const bench = createAppBench();
  await configureModel(bench);
  const leader = await bench.open();
  const { folder, read } = await openWindow(bench, "typed\n");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder });
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-qm", "First");
  const client = await openClient(leader);
  const task = "read notes.txt";
  const { reply } = await client.call("sessions.spawn", { task, workspace: folder, worktree: true, wait: true });
  // Its own file, at the newest commit.
  expect(reply).toContain("saved");
  const { worktrees } = await client.call("worktrees.list", {});
  expect(read).toContain(join(worktrees[0]!.path, "notes.txt"));
});

test("a folder's own openclaw.yml makes stricter what is done there when its window is gone, and while that file is faulty", async () => {
  const bench = createAppBench();
  await configureModel(bench);
  // What the folder of who leads says is for that one.
  writeFileSync(join(bench.workspace, "openclaw.yml"), "agent: { rules: [{ deny: read, path: notes.txt }] }\n");
  const leader = await bench.open();
  const { folder, window } = await openWindow(bench, "typed\n");
  writeFileSync(join(folder, "diary.md"), "Dear diary\n");
  const own = "agent: { approvals: deny, rules: [{ deny: read, path: diary.md }], tools: { deny: [list] } }\n";
  writeFileSync(join(folder, "openclaw.yml"), own);
  const client = await openClient(leader);
  const { session } = await client.call("sessions.create", { workspace: folder });
  const { key: sessionKey } = session;
  bench.forget(window);
  await window.close();
  const send = async (message: string) => (await client.call("sessions.send", { message, sessionKey })).reply;
  const isHeld = async () => {
    expect(await send("read diary.md")).not.toContain("Dear");
    expect(await send('tool:write {"path":"new.txt","content":"made"}')).toContain("set to deny every call");
    expect(await send("tool:list {}")).toBe("Echo: tool:list {}");
    expect(await send("read notes.txt")).toContain("saved");
  };
  await isHeld();
  const status = await client.call("session.status", { sessionKey });
  expect([status.mode, status.config.approvals]).toEqual(["deny", "deny"]);
  writeFileSync(join(folder, "openclaw.yml"), "agent: { approvals: none }\n");
  await isHeld();
  // An edit counts at once.
  writeFileSync(join(folder, "openclaw.yml"), "agent: {}\n");
  expect(await send("read diary.md")).toContain("Dear");
});

test("a window that begins while the user's file is faulty shows the fault, and works beside the leader once it is mended", async () => {
  const bench = createAppBench();
  bench.configure("agent: { maxSteps: 7 }\n");
  await bench.open();
  bench.configure("agent: { maxSteps: none }\n");
  const host = bench.host({ name: "window", workspaces: () => [] });
  const window = await bench.open({ mode: "join", host });
  const told = () => window.diagnostics().map(({ path, line, severity }) => ({ path, line, severity }));
  const path = join(bench.stateDir, "openclaw.yml");
  expect([window.role, window.rules(), told()]).toEqual(["client", undefined, [{ path, line: 1, severity: "error" }]]);
  const changed = new Promise<void>((resolve) => window.onDidChange(resolve));
  bench.configure("agent:\n  maxSteps: none\n");
  await changed;
  expect(told()).toEqual([{ path, line: 2, severity: "error" }]);
  bench.configure("agent: { maxSteps: 7, rules: [{ deny: exec }] }\n");
  expect(await window.closed).toBe("openclaw.yml is in order again");
  const again = await bench.open({ mode: "join", host });
  expect([again.role, again.diagnostics(), again.rules()]).toEqual(["client", [], [{ deny: "exec" }]]);
});
