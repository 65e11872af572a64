import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

// Loaded into a gateway with --import. Writes every half second how late its event loop was, in ms; SIGUSR2 begins anew.
const file = process.env["LOOP_DELAY_FILE"];
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on("SIGUSR2", () => delay.reset());
setInterval(() => {
  const ms = { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
  if (file) writeFileSync(file, JSON.stringify(ms));
}, 500).unref();
