import { writeFileSync } from "node:fs";
import { join } from "node:path";

// Loaded into a gateway by `--import`, with `--expose-gc`: at SIGUSR2 it writes how much of its memory is in use, in MB,
// when all garbage is gone, and what is open. What a process takes of its machine says little about that.
declare const gc: () => void;

process.on("SIGUSR2", () => {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  const open = Object.fromEntries(
    [...Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind)].map(([kind, all]) => [kind, all.length]),
  );
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  const live = { mb: (heapUsed + external) / 1024 ** 2, open: { ...open, listeners } };
  writeFileSync(join(process.env["PINCER_HOME"]!, "live.json"), JSON.stringify(live));
});
