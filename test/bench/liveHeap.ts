import { writeFileSync } from "node:fs";
import { join } from "node:path";

// Loaded into a gateway by `--import`, with `--expose-gc`: at SIGUSR2 it writes how much of its memory is in use, in MB,
// when all garbage is gone. What a process takes of its machine says little about that.
declare const gc: () => void;

process.on("SIGUSR2", () => {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(join(process.env["PINCER_HOME"]!, "live.json"), String((heapUsed + external) / 1024 ** 2));
});
