import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { App } from "../../src/app.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { AppError } from "../../src/base/appError.ts";
import { pidSpace } from "../../src/base/pidSpace.ts";
import { standBy } from "../../src/cli/terminal/standBy.ts";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { startGateway } from "./gatewayProcess.ts";
import { posixTest } from "../posix.ts";

posixTest("a gateway on standby takes over when the one that leads goes", async () => {
  const state = mkdtempSync(join(tmpdir(), "pincer-standby-"));
  onTestFinished(() => rmSync(state, { recursive: true, maxRetries: 5 }));
  const start = (...args: string[]) => {
    const gateway = startGateway(["--state", state, "--port", "0", ...args]);
    onTestFinished(() => void gateway.child.kill("SIGKILL"));
    return gateway;
  };
  const first = start();
  await first.serving;
  writeFileSync(join(state, "keys"), "DEMO_KEY=value-of-the-key\n", { mode: 0o600 });
  writeFileSync(
    join(state, "openclaw.yml"),
    'providers: { x: { api: openai-chat, baseUrl: "http://127.0.0.1:9", apiKey: "${DEMO_KEY}", models: [m] } }\n',
  );
  const second = start("--standby", "--variables", join(state, "keys"));
  const log = () => readFileSync(join(state, "logs/gateway.log"), "utf8");
  await expect.poll(log).toContain("Another gateway leads; this one waits for its turn");
  expect(readGatewayFile(state)).toMatchObject({ pid: first.child.pid, owner: "pincer gateway" });

  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  await second.serving;
  expect(readGatewayFile(state)).toMatchObject({ pid: second.child.pid, owner: "pincer gateway --standby" });
  expect(second.stderr()).toBe("");

  const third = start("--standby");
  await expect.poll(() => log().split("waits for its turn").length).toBe(3);
  third.child.kill("SIGTERM");
  expect(await third.ended).toBe(0);
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
});

posixTest("a gateway on standby outlives a leader that takes its time, starting or stopping", async () => {
  const state = mkdtempSync(join(tmpdir(), "pincer-standby-"));
  onTestFinished(() => rmSync(state, { recursive: true, maxRetries: 5 }));
  const store = await openSqliteStore({ path: join(state, "pincer.db"), clock: systemClock, log: silentLog });
  // For an hour, however long this process stands still.
  const nonce = "one-that-serves-nothing";
  const holder = {
    owner: "one that serves nothing",
    version: "0.0.0",
    pid: process.pid,
    pidSpace: pidSpace(),
    nonce,
    url: "",
  };
  expect(await store.holdLease("gateway", holder, 3_600_000)).toMatchObject({ held: true });
  const waiting = startGateway(["--state", state, "--port", "0", "--standby"]);
  onTestFinished(() => void waiting.child.kill("SIGKILL"));
  const log = () => readFileSync(join(state, "logs/gateway.log"), "utf8");
  await expect.poll(log).toContain("is not serving yet");
  await store.dropLease("gateway", nonce);
  await store.close();
  await waiting.serving;
  expect(readGatewayFile(state)).toMatchObject({ pid: waiting.child.pid });
  waiting.child.kill("SIGTERM");
  expect(await waiting.ended).toBe(0);
});

posixTest("a gateway on standby waits for its configuration, and for a folder that comes late", async () => {
  const state = mkdtempSync(join(tmpdir(), "pincer-standby-"));
  onTestFinished(() => rmSync(state, { recursive: true, maxRetries: 5 }));
  const [late, other, config] = ["late", "other", "own.yml"].map((name) => join(state, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(other);
  const places = ["--state", state, "--port", "0", "--workspace", late, "--workspace", other];
  const typed = startGateway(places);
  expect(await typed.ended).toBe(2);
  expect(typed.stderr()).toContain(`argument '${late}' is invalid. There is no such folder.`);
  const noFile = startGateway(["--state", state, "--config", config]);
  expect(await noFile.ended).toBe(2);
  expect(noFile.stderr()).toContain(`argument '${config}' is invalid. There is no such file.`);

  const service = startGateway(["--standby", ...places, "--config", config]);
  onTestFinished(() => void service.child.kill("SIGKILL"));
  const path = join(state, "logs/gateway.log");
  const log = () => (existsSync(path) ? readFileSync(path, "utf8") : "");
  await expect.poll(log).toContain("own.yml is not there; what --config names is waited for");
  await expect.poll(log).toContain("A folder of --workspace is not there; nothing can be done in it until it is");
  writeFileSync(config, "");
  const url = await service.serving;
  const get = async (route: string) => {
    const headers = { authorization: `Bearer ${readGatewayFile(state)!.token}` };
    return (await (await fetch(`${url}/api/${route}`, { headers })).json()) as unknown;
  };
  expect(await get("workspaces/list")).toMatchObject({ folders: [late, other] });
  expect(await get("sessions/status?sessionKey=main")).toMatchObject({ workspace: late });
  mkdirSync(late);
  writeFileSync(join(late, "openclaw.yml"), "agent: { maxSteps: 7 }\n");
  await expect.poll(log).toContain("A folder of --workspace is there now");
  await expect.poll(() => get("config/get")).toMatchObject({ config: { agent: { maxSteps: 7 } } });
  service.child.kill("SIGTERM");
  expect(await service.ended).toBe(0);
});

test("what is not to be had now is tried again, ever more seldom, and told once", async () => {
  const clock = createFakeClock(0);
  const said: string[] = [];
  const note = (text: string) => void said.push(`${clock.now()} ${text}`);
  const log = { debug: note, info: note, warn: note, error: note };
  const tries: number[] = [];
  const open = async (): Promise<App> => {
    tries.push(clock.now());
    if (tries.length < 8) throw new AppError("unavailable", "Port 3000 is taken");
    throw new AppError("bad_request", "openclaw.yml is faulty");
  };
  const waited = standBy({ open, log, clock, stopped: new AbortController().signal });
  const failure = expect(waited).rejects.toThrow("openclaw.yml is faulty");
  await clock.advance(60_000);
  await failure;
  expect(tries).toEqual([0, 250, 750, 1750, 3750, 7750, 15_750, 23_750]);
  expect(said).toEqual(["0 Port 3000 is taken"]);
});
