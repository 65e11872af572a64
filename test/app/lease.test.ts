import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../src/base/log.ts";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import type { Host } from "../../src/core/ports/host.ts";
import type { LeaseHolder } from "../../src/core/ports/store.ts";
import { startGateway } from "../cli/gatewayProcess.ts";
import { posixTest } from "../posix.ts";
import { type AppBench, createAppBench } from "./bench.ts";

/** The lease of a bench's state folder, as any process may see and change it. */
function openLease({ stateDir }: AppBench) {
  const db = new DatabaseSync(join(stateDir, "pincer.db"), { timeout: 10_000 });
  onTestFinished(() => db.close());
  const change = "UPDATE leases SET nonce = ?, body = ?, expires_at = ? WHERE name = 'gateway'";
  return {
    holder(): LeaseHolder {
      return JSON.parse(String(db.prepare("SELECT body FROM leases WHERE name = 'gateway'").get()!["body"]));
    },
    /** From whoever has it, in one step. Nobody writes `meanwhile`. */
    give(holder: LeaseHolder, forMs: number, meanwhile = () => {}) {
      db.exec("BEGIN IMMEDIATE");
      meanwhile();
      db.prepare(change).run(holder.nonce, JSON.stringify(holder), Date.now() + forMs);
      db.exec("COMMIT");
    },
  };
}

test("one that lost the lease while it was starting tells nobody that it leads, and leaves the file of the one that does", async () => {
  const bench = createAppBench();
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<void>();
  const slow = async () => {
    asked.resolve();
    await gate.promise;
    return undefined;
  };
  const log = {
    ...silentLog,
    warn: (line: string) => void (line === "Another gateway holds the store now" && lost.resolve()),
  };
  // On a busy machine it may be told so while the other still begins.
  const host = bench.host({ name: "slow", secret: slow, log });
  const starting = Promise.allSettled([bench.open({ mode: "lead", host })]);
  await asked.promise;
  const lease = openLease(bench);
  const another = { ...lease.holder(), nonce: "another" };
  lease.give(another, 60_000);
  // It asks for the lease no more.
  await lost.promise;
  lease.give(another, 0);
  const leader = await bench.open({ mode: "lead" });
  const { nonce } = lease.holder();
  gate.resolve();
  const [first] = await starting;
  expect(readGatewayFile(bench.stateDir)).toMatchObject({ nonce, url: leader.url });
  expect(first).toMatchObject({
    status: "rejected",
    reason: {
      code: "unavailable",
      message: expect.stringMatching(/^Another gateway took over: test, process/) as string,
    },
  });
});

test("a gateway.json that another has written or taken away is written again", async () => {
  const bench = createAppBench();
  await bench.open();
  const file = join(bench.stateDir, "gateway.json");
  const ours = readGatewayFile(bench.stateDir)!;
  const spoilers = [() => rmSync(file), () => writeFileSync(file, JSON.stringify({ ...ours, nonce: "another" }))];
  for (const spoil of spoilers) {
    spoil();
    await expect.poll(() => readGatewayFile(bench.stateDir)?.nonce).toBe(ours.nonce);
  }
});

/** A gateway in a process of its own, and hosts that are told of each link to it before anything follows. */
async function openLeader() {
  const bench = createAppBench();
  const { child, serving } = startGateway(["--state", bench.stateDir, "--port", "0"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await serving;
  const lease = openLease(bench);
  const host = (linked: () => void, more: Partial<Host> = {}) => {
    let isConfigured = false;
    return bench.host({
      workspaces: () => [],
      onDidChangeWorkspaces() {
        if (isConfigured) linked();
        isConfigured = true;
        return { dispose() {} };
      },
      ...more,
    });
  };
  return { bench, child, lease, leader: lease.holder(), host };
}

/** A window that followed a leader, missed it as it stood still, and finds it again: then this happens to it. */
async function findAgain(happens: (of: Awaited<ReturnType<typeof openLeader>>) => void) {
  const opened = await openLeader();
  const { bench, child, lease, leader } = opened;
  const way = { isMissed: false, isFound: false };
  const linked = () => {
    if (!way.isMissed || way.isFound) return;
    way.isFound = true;
    happens(opened);
  };
  const log = {
    ...silentLog,
    info(line: string) {
      if (line !== "The gateway that led is gone" || way.isMissed) return;
      way.isMissed = true;
      lease.give(leader, 60_000);
      child.kill("SIGCONT");
    },
  };
  const window = await bench.open({ mode: "join", host: opened.host(linked, { log }) });
  // It stands still meanwhile, so that it sees nothing of that.
  lease.give({ ...leader, nonce: "another" }, 60_000, () => child.kill("SIGSTOP"));
  const led = async () => expect.poll(() => window.role).toBe("leader");
  await Promise.race([led(), window.closed.then((why) => expect.fail(why))]);
  expect(way.isFound).toBe(true);
}

posixTest("a leader that is killed as soon as it was found is missed by who found it, which leads", () =>
  findAgain(({ child }) => child.kill("SIGKILL")),
);

posixTest("so is one that stands still then, as soon as its lease has run out", () =>
  findAgain(({ child, lease, leader }) => lease.give(leader, 0, () => child.kill("SIGSTOP"))),
);

posixTest("one that stands still as it is first followed is given up as soon as its lease has run out", async () => {
  const { bench, child, lease, leader, host } = await openLeader();
  const joining = bench.open({
    mode: "join",
    host: host(() => lease.give(leader, 0, () => child.kill("SIGSTOP"))),
  });
  await expect(joining).rejects.toMatchObject({
    code: "unavailable",
    message: `The gateway of ${leader.owner} (process ${leader.pid}) does not lead any more`,
  });
});
