import { execFile } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { promisify } from "node:util";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createClient } from "../../src/protocol/client.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { call, createAppBench } from "./bench.ts";
import { expectMode, posixTest } from "../posix.ts";

test("with no key the demo model answers over REST, and scripts find the address and the token", async () => {
  const bench = createAppBench();
  const app = await bench.open();
  const { status, body } = await call(app, "/api/sessions/send", { message: "hi" });
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: "ok", sessionKey: "main", model: "offline/demo" });
  expect(body["reply"]).toContain("not a language model");
  const file = JSON.parse(readFileSync(join(bench.stateDir, "gateway.json"), "utf8")) as { url: string; token: string };
  expect(file).toMatchObject({ url: app.url, token: app.token() });
  expect(readFileSync(join(bench.stateDir, "token"), "utf8").trim()).toBe(app.token());
  for (const name of ["gateway.json", "token", "pincer.db"]) expectMode(join(bench.stateDir, name), 0o600);
});

test("a fresh install asks nobody on the network, up to its first answer and after it", async () => {
  const sockets: Socket[] = [];
  const keep = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
  subscribe("net.client.socket", keep);
  onTestFinished(() => void unsubscribe("net.client.socket", keep));
  const places: string[] = [];
  const bench = createAppBench();
  const app = await bench.open();
  expect((await call(app, "/api/sessions/send", { message: "hi" })).status).toBe(200);
  await call(app, "/api/models/list");
  for (const socket of sockets) places.push(socket.remoteAddress ?? "not connected");
  // The test's own calls, so that it is seen that all are.
  expect(places.length).toBeGreaterThan(0);
  expect(places.filter((place) => !/^(127\.|::1$|::ffff:127\.)/.test(place))).toEqual([]);
});

posixTest("the line that README gives for a terminal works as it stands there", async () => {
  const app = await createAppBench().open();
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const line = /```sh\n(curl [^`]*)```/.exec(readme)![1]!;
  const env = { PATH: process.env["PATH"], PINCER_URL: app.url, PINCER_TOKEN: app.token() };
  const { stdout } = await promisify(execFile)("bash", ["-c", line], { env });
  expect(JSON.parse(stdout)).toMatchObject({ status: "ok", reply: expect.stringContaining("not a language model") });
});

test("the second to open attaches, and both see the same session live", async () => {
  const bench = createAppBench();
  const leader = await bench.open();
  const client = await bench.open();
  expect([leader.role, client.role]).toEqual(["leader", "client"]);
  expect(client.url).toBe(leader.url);
  const [one, two] = await Promise.all(
    [leader, client].map(async (app) => createClient<Routes>(await app.connect("panel"))),
  );
  await one!.call("events.subscribe", { sessionKey: "main" });
  const finished = new Promise<void>((resolve) => one!.onEvent((event) => event.type === "run.finished" && resolve()));
  await two!.call("sessions.send", { message: "hello from the second window", sessionKey: "main" });
  await finished;
  const { messages } = await one!.call("sessions.history", { sessionKey: "main" });
  expect(messages[0]).toMatchObject({ text: "hello from the second window", origin: { via: "panel" } });
});

test("a headless gateway refuses to be the second, and says who is the first", async () => {
  const bench = createAppBench();
  await bench.open();
  await expect(bench.open({ mode: "lead" })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining(`process ${process.pid}`),
  });
});

test("when the leader closes, its client learns it, and leads when it opens again", async () => {
  const bench = createAppBench();
  const leader = await bench.open();
  const client = await bench.open();
  await leader.close();
  expect(await client.closed).toContain("shutting down");
  const next = await bench.open();
  expect(next.role).toBe("leader");
  expect((await call(next, "/health")).status).toBe(200);
});

test("of two that race there is always one leader", async () => {
  for (let round = 0; round < 15; round++) {
    const bench = createAppBench();
    const opened = await Promise.allSettled([bench.open(), bench.open()]);
    const roles = opened.map((result) =>
      result.status === "fulfilled" ? result.value.role : (result.reason as { code: string }).code,
    );
    expect(roles.filter((role) => role === "leader")).toHaveLength(1);
    // The other attaches, or is told to come back: the leader has the lease and does not serve yet.
    expect(["client", "unavailable"]).toContain(roles.find((role) => role !== "leader"));
    // Fifteen that lead at once would be more than a process is made for.
    for (const result of opened) {
      if (result.status === "rejected") continue;
      bench.forget(result.value);
      await result.value.close();
    }
  }
});

test("a configuration with a fault is refused with file, line and column", async () => {
  const bench = createAppBench();
  bench.configure("gateway:\n  prot: 3000\n");
  await expect(bench.open()).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringMatching(/openclaw\.yml:2:3.*prot.*port/s),
  });
});

test("a reload takes effect without a restart; a faulty one keeps the last good one", async () => {
  const bench = createAppBench();
  bench.configure("agent: { maxSteps: 7 }\n");
  const app = await bench.open();
  const maxSteps = async () =>
    ((await call(app, "/api/config/get")).body["config"] as { agent: { maxSteps: number } }).agent.maxSteps;
  expect(await maxSteps()).toBe(7);
  const changed = () => new Promise<void>((resolve) => app.onDidChange(resolve));
  const second = changed();
  bench.configure("agent: { maxSteps: 8 }\n");
  await second;
  expect(await maxSteps()).toBe(8);
  bench.configure("agent: { maxSteps: none }\n");
  // What was taken over is told once more when gateway.json says so too.
  while (app.diagnostics().length === 0) await changed();
  expect(app.diagnostics()).toMatchObject([{ severity: "error", line: 1, column: 10 }]);
  expect(await maxSteps()).toBe(8);
});

test("a workspace's file may narrow at once; what it widens waits for the user's word on that content", async () => {
  const bench = createAppBench();
  const { writeFileSync } = await import("node:fs");
  writeFileSync(join(bench.workspace, "openclaw.yml"), "agent: { approvals: auto, maxSteps: 3 }\n");
  const asked = Promise.withResolvers<unknown>();
  const answer = Promise.withResolvers<boolean>();
  const app = await bench.open({
    host: bench.host({
      confirm: (question) => {
        asked.resolve(question);
        return answer.promise;
      },
    }),
  });
  const agent = async () =>
    ((await call(app, "/api/config/get")).body["config"] as { agent: Record<string, unknown> }).agent;
  expect(await asked.promise).toMatchObject({
    file: join(bench.workspace, "openclaw.yml"),
    changes: [{ key: "agent.approvals", value: '"auto"' }],
  });
  expect(await agent()).toMatchObject({ approvals: "ask", maxSteps: 3 });
  const changed = new Promise<void>((resolve) => app.onDidChange(resolve));
  answer.resolve(true);
  await changed;
  expect(await agent()).toMatchObject({ approvals: "auto", maxSteps: 3 });
});

test("a rotated token is good at once, the old one is dead, and both files say so", async () => {
  const bench = createAppBench();
  const app = await bench.open();
  const old = app.token();
  const changed = new Promise<void>((resolve) => app.onDidChange(resolve));
  const { body } = await call(app, "/api/gateway/token/rotate", {});
  await changed;
  expect(app.token()).toBe(body["token"]);
  const refused = await fetch(`${app.url}/api/sessions/list`, { headers: { authorization: `Bearer ${old}` } });
  expect(refused.status).toBe(401);
  expect((await call(app, "/api/sessions/list")).status).toBe(200);
  expect(readFileSync(join(bench.stateDir, "token"), "utf8").trim()).toBe(body["token"]);
});

test("an address that cannot be had is told of beside the faults of the file, until it is another one", async () => {
  const bench = createAppBench();
  const app = await bench.open();
  bench.configure("gateway: { host: 203.0.113.7, tls: selfSigned }\n");
  const told = () => app.diagnostics().map(({ path, severity, message }) => [path, severity, message]);
  await expect
    .poll(told)
    .toEqual([
      [join(bench.stateDir, "openclaw.yml"), "error", expect.stringContaining(`is still served at ${app.url}: `)],
    ]);
  expect((await call(app, "/api/sessions/list")).status).toBe(200);
  bench.configure("gateway: { requestsPerMinute: 600 }\n");
  await expect.poll(told).toEqual([]);
});
