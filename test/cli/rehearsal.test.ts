import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RehearsalReport } from "../../src/protocol/written/rehearsal.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import { pincer } from "./pincer.ts";

let state: string;
let folder: string;
let models: ModelServer;
let started: GatewayProcess[];

async function setUp(): Promise<void> {
  state = mkdtempSync(join(tmpdir(), "pincer-rehearsal-"));
  folder = mkdtempSync(join(tmpdir(), "pincer-rehearsed-"));
  models = await startOpenaiChatServer();
  started = [];
  configure();
}

async function tearDown(): Promise<void> {
  for (const { child, ended } of started) {
    child.kill("SIGKILL");
    await ended;
  }
  await models.close();
  for (const path of [state, folder]) rmSync(path, { recursive: true });
}

function configure(more = ""): void {
  const provider = `providers: { fake: { api: openai-chat, baseUrl: "${models.url}/v1", models: [qwen3] } }`;
  writeFileSync(join(state, "openclaw.yml"), `model: fake/qwen3\nagent: { sandbox: "off" }\n${provider}\n${more}`, {
    mode: 0o600,
  });
}

async function start(): Promise<GatewayProcess> {
  const gateway = startGateway(["--state", state, "--port", "0", "--workspace", folder]);
  started.push(gateway);
  await gateway.serving;
  return gateway;
}

const ask = (...args: string[]) => pincer([...args, "--state", state], {});
const typing = (typed: string[], ...args: string[]) => pincer([...args, "--state", state], {}, { typed });

async function addJob(message: string, ...more: string[]): Promise<string> {
  const added = await ask("cron", "add", "--name", "Nightly", "--every", "24h", "--message", message, ...more);
  expect(added.code).toBe(0);
  return added.stdout.split(" ")[0]!;
}

const twoCalls = 'tool:exec {"command":"echo one"} tool:exec {"command":"echo two"}';

describe("at one gateway", () => {
  beforeAll(async () => {
    await setUp();
    await start();
  });
  afterAll(tearDown);

  test("a person at a terminal answers, ticks at the end, and the job does that and no more", async () => {
    const job = await addJob(twoCalls);
    const done = await typing(["t", "what", "t", "y", "n"], "cron", "rehearse", job);
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toContain("1  exec: echo one\n");
    expect(done.stdout).toContain("   grant: run exactly `echo two`\n");
    expect(done.stdout).toContain("It may do now: nothing unasked: it asks a person\n");
    expect(done.stdout).toMatch(/Nightly may do: run exactly `echo one`\n$/);
    expect((await ask("cron")).stdout).toContain("run exactly `echo one`");
    const fired = await ask("cron", "run", job, "--json");
    const { runId } = JSON.parse(fired.stdout) as { runId: string };
    await expect.poll(async () => (await ask("cron", "runs", job, "--json")).stdout).toContain('"status":"ok"');
    const runs = JSON.parse((await ask("cron", "runs", job, "--json")).stdout) as { runs: object[] };
    expect(runs.runs).toHaveLength(1);
    expect(runs.runs[0]).toMatchObject({ runId, lacked: ["run echo two"] });
  });

  test("without a terminal it says how to answer and to grant; --grant and `cron grant` take numbers", async () => {
    const job = await addJob(twoCalls);
    const told = Promise.withResolvers<void>();
    const said = (stderr: string) => {
      if (stderr.split("pincer approvals allow").length > 2) told.resolve();
    };
    const rehearsing = pincer(["cron", "rehearse", job, "--grant", "all", "--state", state], {}, { said });
    await told.promise;
    const { approvals } = JSON.parse((await ask("approvals", "--json")).stdout) as { approvals: { id: string }[] };
    expect((await ask("cron", "rehearse", job)).stderr).toContain('The job "Nightly" is being rehearsed already');
    await ask("approvals", "allow", approvals[0]!.id);
    await ask("approvals", "deny", approvals[1]!.id);
    const done = await rehearsing;
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining("pincer approvals allow") as string });
    expect(done.stdout).toMatch(/Nightly may do: run exactly `echo (one|two)`\n$/);
    const listed = await ask("cron", "grant", job);
    expect(listed.stdout).toContain(`Grant with: pincer cron grant ${job} all`);
    expect((await ask("cron", "grant", job, "1,2")).stdout).toBe(
      "Nightly may do: run exactly `echo one`; run exactly `echo two`\n",
    );
    expect((await ask("cron", "grant", job, "none")).stdout).toBe(
      "Nightly may do: nothing unasked: it asks a person\n",
    );
    expect(await ask("cron", "grant", job, "7")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("7 is no number of what was asked") as string,
    });
    expect((await ask("cron", "grant", job, "x")).code).toBe(2);
  });

  test("a condition is tried first with nobody asked, and what it lacks can be granted", async () => {
    const job = await addJob("hello", "--condition", "test -d .");
    const done = await typing(["y"], "cron", "rehearse", job);
    expect(done.stdout).toContain("Its condition keeps it from firing: Its condition was not allowed: run test -d .");
    expect(done.stdout).toMatch(/Nightly may do: run exactly `test -d \.`\n$/);
    const again = await ask("cron", "rehearse", job);
    expect(again.stdout).toContain("Its condition holds\nIt asked nothing.\n");
  });
});

describe("at a gateway of its own", () => {
  beforeEach(setUp);
  afterEach(tearDown);

  test("a result for a chat: which is told before, and why it waits after", async () => {
    // Which is no token: the channel never runs.
    configure('channels: { telegram: { token: "1:AAAA", allow: [111, 222] } }\n');
    await start();
    await expect.poll(async () => (await ask("channels", "--json")).stdout).toContain('"failed"');
    const job = await addJob("hello", "--channel", "telegram");
    expect((await ask("cron", "grant", job)).stderr).toContain("was not rehearsed yet");
    expect((await ask("cron", "rehearse", job)).stdout).toContain("Delivery (announce telegram 111, not sent): ");
    expect((await ask("cron", "update", job, "--channel", "telegram", "--to", "222", "--report")).code).toBe(0);
    const deliver = await ask("cron", "rehearse", job, "--deliver");
    expect(deliver.stdout).toContain("Delivery (announce telegram 222, queued): ");
    expect(deliver.stderr).toContain("The channel telegram has failed: channels.telegram.token is no token");
    const { job: kept } = JSON.parse((await ask("cron", "get", job, "--json")).stdout) as { job: object };
    expect(kept).toMatchObject({
      delivery: { mode: "announce", channel: "telegram", to: "222", content: "report" },
      deliveryBy: { via: "cli" },
    });
    await ask("cron", "run", job);
    await expect.poll(async () => (await ask("cron", "runs", job)).stdout).toContain("queued");
    expect((await ask("cron", "runs", job)).stdout).toContain("The channel telegram has failed: ");
    const stranger = await ask(
      "cron",
      "add",
      ...["--name", "x", "--every", "1h", "--message", "x"],
      "--channel",
      "irc",
    );
    expect(stranger.stderr).toContain('delivery.channel: "irc" is not set up');
  });

  test("one whose gateway is killed in the middle goes on in the next, and says so", async () => {
    const gateway = await start();
    const job = await addJob('tool:exec {"command":"echo one"}');
    const begun = pincer(["cron", "rehearse", job, "--state", state], {});
    await expect.poll(async () => (await ask("approvals", "--json")).stdout).toContain('"count":1');
    gateway.child.kill("SIGKILL");
    await gateway.ended;
    expect((await begun).code).toBe(1);
    await start();
    await expect.poll(async () => (await ask("approvals", "--json")).stdout).toContain('"count":1');
    const { approvals } = JSON.parse((await ask("approvals", "--json")).stdout) as { approvals: { id: string }[] };
    await ask("approvals", "allow", approvals[0]!.id);
    const page = async () => JSON.parse((await ask("cron", "grant", job, "--json")).stdout) as RehearsalReport;
    await expect.poll(async () => (await page()).state).toBe("finished");
    expect(await page()).toMatchObject({
      outcome: { type: "done" },
      notes: [expect.stringContaining("The gateway went away in the middle") as string],
      asked: [{ exact: "echo one", decision: "allow", grants: [{ allow: "exec", command: "echo one" }] }],
    });
    expect((await ask("cron", "grant", job, "1")).stdout).toBe("Nightly may do: run exactly `echo one`\n");
  });

  test("a job of openclaw.yml gets lines that its file takes", async () => {
    const entry = `cron:
    - name: Filed
      schedule: { kind: every, everyMs: 86400000 }
      payload: { kind: agentTurn, message: 'tool:exec {"command":"echo one"}' }
      sessionTarget: isolated
  `;
    configure(entry);
    await start();
    const { jobs } = JSON.parse((await ask("cron", "--json")).stdout) as { jobs: { id: string }[] };
    const { id } = jobs[0]!;
    const done = await typing(["a"], "cron", "rehearse", id);
    expect(done.code, done.stderr).toBe(0);
    const lines = '    grants:\n      - { allow: exec, command: "echo one" }';
    expect(done.stdout).toContain(`write into its entry in ${join(state, "openclaw.yml")}:\n${lines}\n`);
    expect(await ask("cron", "grant", id, "all")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("is declared in") as string,
    });
    configure(`${entry}${lines}\n`);
    await expect.poll(async () => (await ask("cron")).stdout).toContain("run exactly `echo one`");
  });
});
