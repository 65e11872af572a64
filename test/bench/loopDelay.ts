import { writeFileSync } from "node:fs";
import { createHistogram, monitorEventLoopDelay } from "node:perf_hooks";

// Loaded into a gateway with --import. Writes every half second how late its event loop was, in ms: on the wall, and of its own
// work alone, which on a busy machine says more. SIGUSR2 begins anew.
const TICK_MS = 5;
const file = process.env["LOOP_DELAY_FILE"];
const wall = monitorEventLoopDelay({ resolution: TICK_MS });
const own = createHistogram();
let before = threadMicros();

setInterval(() => {
  const now = threadMicros();
  own.record(Math.max(1, Math.round(now - before)));
  before = now;
}, TICK_MS).unref();
wall.enable();
process.on("SIGUSR2", () => {
  wall.reset();
  own.reset();
});
setInterval(() => {
  const ms = {
    p99: wall.percentile(99) / 1e6,
    max: wall.max / 1e6,
    ownP99: own.percentile(99) / 1e3,
    ownMax: own.max / 1e3,
  };
  if (file) writeFileSync(file, JSON.stringify(ms));
}, 500).unref();

function threadMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
