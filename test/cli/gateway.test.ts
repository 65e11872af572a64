import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import { pincer } from "./pincer.ts";
import { expectMode, posixTest } from "../posix.ts";

let state: string;
let started: GatewayProcess[];

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "pincer-gateway-"));
  started = [];
});
afterEach(async () => {
  for (const { child, ended } of started) {
    child.kill("SIGKILL");
    await ended;
  }
  rmSync(state, { recursive: true });
});

function start(args: string[] = [], env: Record<string, string> = {}): GatewayProcess {
  const gateway = startGateway(["--state", state, "--port", "0", ...args], env);
  started.push(gateway);
  return gateway;
}

posixTest("goes on, and stops in order, when nobody reads what it says any more", async () => {
  const gateway = start(["--verbose"]);
  const url = await gateway.serving;
  gateway.child.stdout!.destroy();
  gateway.child.stderr!.destroy();
  // Each is a warning in the log.
  for (const text of ["model: [", "agent: {", "nothing: 1"]) {
    writeFileSync(join(state, "openclaw.yml"), text);
    await expect.poll(() => readFileSync(join(state, "logs", "gateway.log"), "utf8")).toContain("openclaw.yml");
  }
  expect((await fetch(`${url}/health`)).status).toBe(200);
  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toBe(0);
});

posixTest("serves every client verb, and stops in order when it is told to", async () => {
  const gateway = start();
  const url = await gateway.serving;
  const { token, pid } = readGatewayFile(state)!;
  expect({ url: readGatewayFile(state)?.url, pid }).toEqual({ url, pid: gateway.child.pid });
  const ask = (...args: string[]) => pincer([...args, "--state", state], {});

  const sent = await ask("send", "hello", "--model", "offline/demo", "--json");
  expect(sent).toMatchObject({ code: 0, stderr: "" });
  const { reply } = JSON.parse(sent.stdout) as { reply: string };
  expect(reply).not.toBe("");
  const streamed = await ask("send", "hello", "--model", "offline/demo", "--stream");
  expect(streamed.code).toBe(0);
  expect(streamed.stdout.trim()).not.toBe("");

  expect((await ask("history")).stdout).toMatch(/^user \(/);
  expect((await ask("sessions")).stdout).toMatch(/^KEY .*\nmain /);
  const key = (await ask("sessions", "create", "Notes")).stdout.trim();
  expect((await ask("sessions", "rename", key, "More notes")).code).toBe(0);
  expect((await ask("status", key)).stdout).toContain(`session     ${key}`);
  expect((await ask("sessions", "delete", key)).stdout).toBe(`${key} is deleted\n`);
  expect((await ask("status")).stdout).toContain(`address    ${url}`);
  expect((await ask("spawn", "hello", "--model", "offline/demo")).code).toBe(0);

  const added = await ask("cron", "add", "--name", "Tea", "--every", "1h", "--event", "Tea", "--target", "main");
  const job = added.stdout.split(" ")[0]!;
  expect((await ask("cron")).stdout).toContain("Tea");
  expect((await ask("cron", "disable", job)).stdout).toBe("Tea is disabled\n");
  expect((await ask("cron", "runs", job)).code).toBe(0);
  expect((await ask("cron", "remove", job)).code).toBe(0);
  expect((await ask("cron", "remove", job)).code).toBe(1);
  expect((await ask("models")).stdout).toContain("offline/demo");
  expect((await ask("usage")).code).toBe(0);
  expect((await ask("approvals")).stderr).toBe("Nothing waits for approval.\n");
  expect((await ask("doctor")).stdout).toMatch(/Gateway +ok/);

  const fresh = (await ask("token", "rotate", "--gateway", url)).stdout.trim();
  expect(fresh).not.toBe(token);
  expect((await pincer(["status"], { PINCER_URL: url, PINCER_TOKEN: token })).code).toBe(1);
  expect((await pincer(["status"], { PINCER_URL: url, PINCER_TOKEN: fresh })).code).toBe(0);

  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toBe(0);
  expect(existsSync(join(state, "gateway.json"))).toBe(false);
  const log = join(state, "logs", "gateway.log");
  const lines = readFileSync(log, "utf8").trim().split("\n");
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), message: expect.any(String) });
  expect(readFileSync(log, "utf8") + gateway.stderr()).not.toMatch(new RegExp(`${token}|${fresh}`));
  expectMode(log, 0o600);
});

test("names the holder when another gateway has the state folder", async () => {
  const first = start();
  const url = await first.serving;
  const second = start();
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toContain(`process ${first.child.pid}, at ${url}`);
});

test("says what is wrong with its configuration, and with its options", async () => {
  const file = join(state, "own.yml");
  writeFileSync(file, "gateway:\n  prot: 3000\n");
  const broken = start(["--config", file]);
  expect(await broken.ended).toBe(1);
  expect(broken.stderr()).toContain(`${file}:2:3: `);
  expect(broken.stderr().match(/Unknown key/g)).toHaveLength(1);
  for (const args of [
    ["--port", "70000"],
    ["--config", join(state, "none.yml")],
    ["--workspace", join(state, "none")],
  ]) {
    expect(await pincer(["gateway", ...args], { PINCER_HOME: state })).toMatchObject({ code: 2, stdout: "" });
  }
});

test("takes what its configuration says anew, and keeps it when that is faulty", async () => {
  const file = join(state, "openclaw.yml");
  writeFileSync(file, "agent: { maxSteps: 7 }\n");
  const gateway = start();
  await gateway.serving;
  const steps = async () => {
    const { stdout } = await pincer(["status", "main", "--json", "--state", state], {});
    return (JSON.parse(stdout) as { config: { maxSteps: number } }).config.maxSteps;
  };
  const until = async (wanted: number) => {
    while ((await steps()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  expect(await steps()).toBe(7);
  writeFileSync(file, "agent: { maxSteps: 8 }\n");
  await until(8);
  writeFileSync(file, "agent: { maxStep: 9 }\n");
  await gateway.said("maxStep: ");
  expect(await steps()).toBe(8);
  writeFileSync(file, "agent: { maxSteps: 9 }\n");
  await until(9);
});
