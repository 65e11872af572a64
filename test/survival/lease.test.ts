import { fileURLToPath } from "node:url";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type App, openApp } from "../../src/app.ts";
import { isAppError } from "../../src/base/appError.ts";
import { silentLog } from "../../src/base/log.ts";
import type { LeaseHolder } from "../../src/core/ports/store.ts";
import { openSurvivalBench, type SurvivalBench } from "./bench.ts";
import { raceForLease } from "./leaseRace.ts";

let bench: SurvivalBench;
beforeEach(async () => {
  bench = await openSurvivalBench();
});
afterEach(() => bench.close());

test("of two that race for the lease one leads, and the other says who", async () => {
  const { findings } = await raceForLease(10);
  expect(findings).toEqual([]);
});

test("who was attached takes over from a killed leader at once", async () => {
  const leader = await bench.start();
  const attached = await openWindow();
  expect(attached.role).toBe("client");
  await leader.kill();
  // Nobody waits for that.
  editLease({ expiresAt: Date.now() + 3_600_000 });
  await takeOver(attached);
});

test("and when its lease expires, where its process cannot be looked up", async () => {
  const leader = await bench.start();
  const attached = await openWindow();
  await leader.kill();
  editLease({ pidSpace: "another machine" });
  await takeOver(attached);
});

test("a program that has the port of a killed gateway never sees the token", async () => {
  const leader = await bench.start();
  const { url, token } = leader;
  await leader.kill();
  const seen: string[] = [];
  const foreign = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.rawHeaders.join(" ")}`);
    response.end('{"status":"ok"}');
  });
  foreign.on("upgrade", (request, socket) => {
    seen.push(`${request.method} ${request.url} ${request.rawHeaders.join(" ")}`);
    socket.destroy();
  });
  foreign.listen(Number(new URL(url).port), "127.0.0.1");
  await once(foreign, "listening");
  // The worst of cases: the number of the killed process is another's by now, and the lease still counts.
  const file = join(bench.stateDir, "gateway.json");
  const kept = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...kept, pid: process.pid }));
  editLease({ pid: process.pid, expiresAt: Date.now() + 3_600_000 });
  try {
    await expect(openWindow()).rejects.toMatchObject({ code: "unavailable" });
    const said = await stderrOf(["dist/cli.mjs", "send", "hello", "--state", bench.stateDir]);
    expect(said).toContain("is not the gateway that was started there");
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.filter((request) => !request.startsWith("GET /health?challenge="))).toEqual([]);
    expect(seen.join("\n")).not.toContain(token);
  } finally {
    foreign.closeAllConnections();
    foreign.close();
  }
});

function stderrOf(args: string[]): Promise<string> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  return new Promise((resolve) =>
    execFile(process.execPath, args, { cwd }, (_error, _stdout, stderr) => resolve(stderr)),
  );
}

/** As another window of the editor would. */
function openWindow(): Promise<App> {
  const host = {
    name: "another window",
    version: "0.0.0",
    workspaces: () => [],
    stateDir: bench.stateDir,
    secret: async () => undefined,
    log: silentLog,
  };
  return openApp({ host, port: 0, mode: "attach-or-lead" });
}

/** Opens again as long as that may help, which is until it leads. */
async function takeOver(attached: App): Promise<void> {
  await attached.closed;
  for (;;) {
    const app = await openWindow().catch((error: unknown) => {
      if (!isAppError(error) || error.code !== "unavailable") throw error;
    });
    if (app) {
      expect(app.role).toBe("leader");
      expect((await fetch(`${app.url}/health`)).status).toBe(200);
      return app.close();
    }
    await sleep(100);
  }
}

function editLease({ expiresAt, ...change }: Partial<LeaseHolder> & { expiresAt?: number }): void {
  const db = new DatabaseSync(join(bench.stateDir, "pincer.db"));
  const row = db.prepare("SELECT body, expires_at FROM leases").get()!;
  const next = { ...(JSON.parse(String(row["body"])) as LeaseHolder), ...change };
  db.prepare("UPDATE leases SET body = ?, expires_at = ?").run(JSON.stringify(next), expiresAt ?? row["expires_at"]!);
  db.close();
}
