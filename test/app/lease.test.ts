import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { startGateway } from "../cli/gatewayProcess.ts";
import { posixTest } from "../posix.ts";
import { type AppBench, createAppBench } from "./bench.ts";

/** The lease of a bench's state folder, as any process sees it. */
async function openLease({ stateDir }: AppBench) {
  const store = await openSqliteStore({ path: join(stateDir, "pincer.db"), clock: systemClock, log: silentLog });
  onTestFinished(() => store.close());
  return { store, holder: async () => (await store.getLease("gateway"))!.holder };
}

test("one that lost the lease while it was starting tells nobody that it leads, and leaves the file of the one that does", async () => {
  const bench = createAppBench();
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const slow = async () => {
    asked.resolve();
    await gate.promise;
    return undefined;
  };
  const starting = bench.open({ mode: "lead", host: bench.host({ name: "slow", secret: slow }) });
  await asked.promise;
  const { store, holder } = await openLease(bench);
  await store.dropLease("gateway", (await holder()).nonce);
  const leader = await bench.open({ mode: "lead" });
  const { nonce } = await holder();
  gate.resolve();
  const [first] = await Promise.allSettled([starting]);
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

posixTest("a leader that is killed as soon as it was found is missed by who found it, which leads", async () => {
  const bench = createAppBench();
  const { child, serving } = startGateway(["--state", bench.stateDir, "--port", "0"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await serving;
  const { store, holder } = await openLease(bench);
  const leader = await holder();
  let isLooking = false;
  const host = bench.host({
    workspaces: () => [],
    // Called between the link and what follows it.
    onDidChangeWorkspaces: () => {
      if (isLooking) child.kill("SIGKILL");
      return { dispose() {} };
    },
    log: {
      ...silentLog,
      info(line) {
        if (line !== "The gateway that led is gone" || isLooking) return;
        isLooking = true;
        void store.dropLease("gateway", "another");
        void store.holdLease("gateway", leader, 60_000);
        child.kill("SIGCONT");
      },
    },
  });
  const window = await bench.open({ mode: "join", host });
  const led = new Promise<void>((resolve) => window.onDidChange(() => window.role === "leader" && resolve()));
  // It stands still meanwhile, so that it sees nothing of that.
  child.kill("SIGSTOP");
  await store.dropLease("gateway", leader.nonce);
  await store.holdLease("gateway", { ...leader, nonce: "another" }, 60_000);
  await Promise.race([led, window.closed.then((why) => expect.fail(why))]);
  expect(isLooking && child.killed).toBe(true);
});
