import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { createCloseStack } from "../../src/app/closeStack.ts";
import { startGateway } from "../cli/gatewayProcess.ts";
import { createAppBench } from "./bench.ts";
import { posixTest } from "../posix.ts";

const spoilers: [how: string, spoil: (file: string) => void][] = [
  ["can be read by others", (file) => chmodSync(file, 0o644)],
  [
    "is a folder",
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
];

test.each(spoilers)("a gateway whose gateway.json %s stops all the same, and says what failed", async (_how, spoil) => {
  const bench = createAppBench();
  const app = await bench.open();
  const file = join(bench.stateDir, "gateway.json");
  spoil(file);
  await expect(app.close()).rejects.toThrow(/^Closed, but for gateway\.json \(/);
  expect(await app.closed).toBe("closed");
  await expect(fetch(`${app.url}/health`)).rejects.toThrow();
  rmSync(file, { recursive: true });
  // The lease and the store are free as well.
  const next = await bench.open();
  expect(next.role).toBe("leader");
  bench.forget(app);
});

test("a gateway that is closed while it tells its new token leaves no gateway.json behind", async () => {
  for (let round = 0; round < 20; round += 1) {
    const bench = createAppBench();
    const app = await bench.open();
    const rotated = await fetch(`${app.url}/api/gateway/token/rotate`, {
      method: "POST",
      headers: { authorization: `Bearer ${app.token()}`, "content-type": "application/json" },
      body: "{}",
    });
    expect(rotated.status).toBe(200);
    await app.close();
    bench.forget(app);
    await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync(join(bench.stateDir, "gateway.json"))).toBe(false);
  }
});

posixTest("SIGTERM ends it too, with an exit code that tells", async () => {
  const state = mkdtempSync(join(tmpdir(), "pincer-closing-"));
  onTestFinished(() => rmSync(state, { recursive: true }));
  const gateway = startGateway(["--state", state, "--port", "0"]);
  onTestFinished(() => void gateway.child.kill("SIGKILL"));
  await gateway.serving;
  chmodSync(join(state, "gateway.json"), 0o644);
  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toBe(1);
  expect(gateway.stderr()).toMatch(/Closed, but for gateway\.json/);
});

test("whoever leaves without closing, told to stop a second time or by a bug, takes its gateway.json along", () => {
  const state = mkdtempSync(join(tmpdir(), "pincer-leaving-"));
  onTestFinished(() => rmSync(state, { recursive: true }));
  const leave = (nonce: string) => {
    const script = `
      import { publishGateway } from "./src/app/leading/publishGateway.ts";
      const lease = { nonce: "${nonce}", publish: async () => {}, onBeat: () => ({ dispose() {} }) };
      const host = { stateDir: ${JSON.stringify(state)}, name: "test", version: "0" };
      const leading = { host, lease, clock: { now: () => 0 }, closing: { add() {} }, changes: { emit() {} } };
      await publishGateway(leading, { url: "http://127.0.0.1:1", tokens: { value: () => "token" } });
      if (lease.nonce === "other") lease.nonce = "gone";
      process.exit(3);`;
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 3, stderr: "" });
  };
  leave("one");
  expect(existsSync(join(state, "gateway.json"))).toBe(false);
  // Another's is let be.
  leave("other");
  expect(existsSync(join(state, "gateway.json"))).toBe(true);
});

test("a stack closes the last first, every step whatever fails, and once", async () => {
  const steps: string[] = [];
  const stack = createCloseStack();
  stack.add("the store", () => void steps.push("store"));
  stack.add("the lease", async () => {
    steps.push("lease");
    throw new Error("held");
  });
  stack.add("a file", () => {
    steps.push("file");
    throw new Error("EPERM");
  });
  stack.add("the server", async () => void steps.push("server"));
  const closing = stack.close();
  expect(stack.close()).toBe(closing);
  await expect(closing).rejects.toMatchObject({ message: "Closed, but for a file (EPERM), the lease (held)" });
  expect(steps).toEqual(["server", "file", "lease", "store"]);
});

test("what comes once all is closed is closed at once, and told so", async () => {
  const stack = createCloseStack();
  await stack.close();
  let isClosed = false;
  expect(() => stack.add("the server", () => void (isClosed = true))).toThrow("the server came after all was closed");
  expect(isClosed).toBe(true);
});

test("what makes the end short is told before the first step, once", async () => {
  const taken: string[] = [];
  const stack = createCloseStack(() => taken.push("begins"));
  stack.add("a step", () => taken.push("step"));
  await Promise.all([stack.close(), stack.close()]);
  expect(taken).toEqual(["begins", "step"]);
});

test("a gateway whose store another program holds ends all the same and says so, and the next one leads", async () => {
  const bench = createAppBench();
  const app = await bench.open();
  const other = new DatabaseSync(join(bench.stateDir, "pincer.db"));
  const waits: number[] = [];
  const given = DatabaseSync.prototype.exec;
  const exec = vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function (this: DatabaseSync, sql: string) {
    const [, ms] = /^PRAGMA busy_timeout = (\d+)$/.exec(sql) ?? [];
    if (ms !== undefined) waits.push(Number(ms));
    return given.call(this, sql);
  });
  onTestFinished(() => exec.mockRestore());
  other.exec("BEGIN IMMEDIATE");
  await expect(app.close()).rejects.toThrow(/^Closed, but for the lease \(The store is locked by another process/);
  other.exec("ROLLBACK");
  other.close();
  // All that waited, waited three seconds together.
  expect(waits[0]).toBe(3000);
  expect(waits.at(-1)).toBe(0);
  // Of this same process, so that only time tells that the lease is nobody's.
  await expect.poll(async () => (await bench.open()).role, { timeout: 60_000 }).toBe("leader");
  bench.forget(app);
});
