import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { createBrowser } from "../../src/browser/createBrowser.ts";
import { findChromium } from "../steps/chromium.mjs";
import type { Figure } from "./run.ts";
import { median } from "./statistics.ts";

const ROUNDS = 60;
const ROWS = 200;
const SESSIONS = 5;

/** What a snapshot and an act cost beyond the driver's own calls for the same, and what a session's context weighs. */
export async function browser(): Promise<Figure[]> {
  const rows = Array.from({ length: ROWS }, (_, at) => `<li><a href="#${at}">Item ${at}</a> <button>Buy</button></li>`);
  const page = `<h1 id=count>0</h1><button onclick="count.textContent++">Add</button><ul>${rows.join("")}</ul>`;
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(page));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-bench-"));
  const executablePath = findChromium();
  const own = createBrowser({
    stateDir,
    config: () => ({ headless: true, allowLoopback: true, ...(executablePath ? { executablePath } : {}) }),
    log: silentLog,
    clock: systemClock,
  });
  const raw = await chromium.launch({ ...(executablePath ? { executablePath } : {}), headless: true });
  try {
    const act = (request: Parameters<typeof own.act>[0]) =>
      own.act(request, { sessionKey: "main", workspace: "", signal: new AbortController().signal });
    const bare = await raw.newPage();
    await bare.goto(url);
    await act({ action: "open", url });
    const times = { ownSnapshot: [], rawSnapshot: [], ownAct: [], rawAct: [] } as Record<string, number[]>;
    const time = async (name: string, work: () => Promise<unknown>) => {
      const began = performance.now();
      await work();
      times[name]!.push(performance.now() - began);
    };
    // In turn, so that the machine's moods meet both alike.
    for (let round = 0; round < ROUNDS; round++) {
      await time("ownSnapshot", () => act({ action: "snapshot" }));
      await time("rawSnapshot", () => bare.ariaSnapshot({ mode: "ai" }));
      await time("ownAct", () => act({ action: "act", kind: "click", ref: "e3" }));
      // What an agent does with the driver alone: click, and look again.
      await time("rawAct", async () => {
        await bare.getByRef("e3").click();
        await bare.ariaSnapshot({ mode: "ai" });
      });
    }
    const of = (name: string) => median(times[name]!);
    const before = memoryBelow(process.pid);
    for (let at = 0; at < SESSIONS; at++) {
      await own.act(
        { action: "open", url },
        { sessionKey: `s${at}`, workspace: "", signal: new AbortController().signal },
      );
    }
    const perContext = (memoryBelow(process.pid) - before) / SESSIONS;
    return [
      { name: "snapshot, median", value: of("ownSnapshot"), unit: "ms" },
      { name: "snapshot, over the driver alone", value: of("ownSnapshot") / of("rawSnapshot"), unit: "x", aim: 1.3 },
      { name: "click and what changed, median", value: of("ownAct"), unit: "ms" },
      {
        name: "click and what changed, over the driver alone",
        value: of("ownAct") / of("rawAct"),
        unit: "x",
        aim: 1.3,
      },
      { name: "memory of one more session with one tab (PSS)", value: perContext, unit: "MB" },
    ];
  } finally {
    await own.close();
    await raw.close();
    server.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Proportional memory in MB of all processes below one. Linux only: elsewhere NaN. */
function memoryBelow(pid: number): number {
  const read = (path: string) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return "";
    }
  };
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parents = new Map(processes.map((id) => [id, /^PPid:\s+(\d+)/m.exec(read(`/proc/${id}/status`))?.[1]]));
  const isBelow = (id: string | undefined): boolean =>
    id !== undefined && (id === String(pid) || isBelow(parents.get(id)));
  const below = processes.filter((id) => isBelow(parents.get(id)));
  const kb = below.map((id) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0));
  return kb.reduce((sum, one) => sum + one, 0) / 1024;
}
