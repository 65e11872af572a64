import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAuditLog } from "../../src/app/audit/auditLog.ts";
import { verifyAudit } from "../../src/app/audit/verifyAudit.ts";
import { createCloseStack } from "../../src/app/closeStack.ts";
import type { Leading } from "../../src/app/leading/leading.ts";
import { publishGateway } from "../../src/app/leading/publishGateway.ts";
import { systemClock } from "../../src/base/clock.ts";
import { Emitter } from "../../src/base/emitter.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Gateway } from "../../src/gateway/createGateway.ts";
import { call, createAppBench } from "./bench.ts";

/** A folder in the place of a file: nothing can be put there, whoever this user is. */
function block(file: string): void {
  rmSync(file, { force: true });
  mkdirSync(file, { mode: 0o700 });
}

test.each(["token", "gateway.json"])("a start that cannot have %s says so, and leaves nothing behind", async (name) => {
  const bench = createAppBench();
  const file = join(bench.stateDir, name);
  block(file);
  await expect(bench.open()).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(new RegExp(`/${name} could not be (read|written): there is a folder of that name`)),
  });
  rmSync(file, { recursive: true });
  const app = await bench.open();
  expect(app.role).toBe("leader");
});

test("a start whose folder for the audit log cannot be had says so", async () => {
  const bench = createAppBench();
  writeFileSync(join(bench.stateDir, "audit"), "");
  await expect(bench.open()).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("audit could not be written: there is a file of that name"),
  });
});

test("a token that cannot be kept is not rotated: the old one holds, and the gateway goes on", async () => {
  const bench = createAppBench();
  const app = await bench.open();
  const token = app.token();
  block(join(bench.stateDir, "token"));
  const refused = await call(app, "/api/gateway/token/rotate", {});
  expect(refused).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
  expect(JSON.stringify(refused.body)).toContain("/token could not be written: there is a folder of that name");
  expect(app.token()).toBe(token);
  expect((await call(app, "/health")).status).toBe(200);
  rmSync(join(bench.stateDir, "token"), { recursive: true });
  expect((await call(app, "/api/gateway/token/rotate", {})).status).toBe(200);
  expect(app.token()).not.toBe(token);
});

test("a token that could not be told to others is told as soon as it can be", async () => {
  const bench = createAppBench();
  const said: string[] = [];
  const log = { ...silentLog, error: (text: string) => void said.push(text) };
  const app = await bench.open({ host: bench.host({ log }) });
  const file = join(bench.stateDir, "gateway.json");
  const before = readFileSync(file);
  block(file);
  const { body } = await call(app, "/api/gateway/token/rotate", {});
  expect(body["token"]).toBe(app.token());
  await expect.poll(() => said).toEqual([expect.stringMatching(/^Others cannot be told .* tried again/)]);
  rmSync(file, { recursive: true });
  writeFileSync(file, before);
  await expect.poll(() => JSON.parse(readFileSync(file, "utf8"))).toMatchObject(body);
  expect(said).toHaveLength(1);
});

test("a token and a certificate that are changed while they are told first are told as they are", async () => {
  const bench = createAppBench();
  const closing = createCloseStack();
  const host = bench.host();
  const lease = { nonce: "one", publish: async () => {}, onBeat: () => ({ dispose() {} }) };
  const leading = { host, lease, clock: systemClock, log: silentLog, closing, changes: new Emitter<void>() };
  let [token, certificate] = ["old", "old"];
  const gateway = {
    url: "http://127.0.0.1:1",
    tokens: {
      value() {
        const now = token;
        token = "new";
        return now;
      },
    },
    get certificate() {
      const now = certificate;
      if (token === "new") certificate = "new";
      return now;
    },
  };
  await publishGateway(leading as unknown as Leading, gateway as unknown as Gateway);
  const told = JSON.parse(readFileSync(join(bench.stateDir, "gateway.json"), "utf8")) as Record<string, unknown>;
  expect(told).toMatchObject({ token: "new", certificate: "new" });
  expect(readFileSync(join(bench.stateDir, "token"), "utf8")).toBe("new\n");
  await closing.close();
});

test("a token that is kept already is not written again", async () => {
  const bench = createAppBench();
  const app = await bench.open();
  const file = join(bench.stateDir, "token");
  const { ino } = statSync(file);
  await app.close();
  bench.forget(app);
  const again = await bench.open();
  expect(again.token()).toBe(app.token());
  expect(statSync(file).ino).toBe(ino);
});

test("what is in the audit log is written once, also when its end cannot be marked, which is told once", async () => {
  const { stateDir } = createAppBench();
  const errors: string[] = [];
  const log = { ...silentLog, error: (text: string) => void errors.push(text) };
  const audit = await openAuditLog({ stateDir, clock: systemClock, log });
  block(join(stateDir, "audit/end.json"));
  for (const what of ["one", "two", "three"]) {
    audit.append({ kind: "call", who: null, what, outcome: "ok" });
    await audit.flush();
  }
  const written = () =>
    readFileSync(join(stateDir, "audit/audit.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { what: string }).what);
  expect(written()).toEqual(["one", "two", "three"]);
  expect(errors).toHaveLength(1);
  rmSync(join(stateDir, "audit/end.json"), { recursive: true });
  await audit.close();
  expect(written()).toEqual(["one", "two", "three"]);
  expect(await verifyAudit(stateDir)).toEqual({ files: 1, lines: 3, problems: [] });
  expect(JSON.parse(readFileSync(join(stateDir, "audit/end.json"), "utf8"))).toMatchObject({ seq: 3 });
});
