import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { within } from "../../base/wait.ts";
import type { Core } from "../../core/core.ts";
import { followRuns } from "./followRuns.ts";
import { createOtlpWriter, type OtlpWriterOptions } from "./otlpWriter.ts";

// A collector that is away holds up no stop.
const LAST_MS = 1000;

/** Tells a collector what runs do from here on, where openclaw.yml names one. */
export function startTelemetry(
  options: OtlpWriterOptions & { core: Pick<Core, "events" | "runs">; clock: Clock; log: Log },
): {
  close(): Promise<void>;
} {
  const { core, clock, log } = options;
  const writer = createOtlpWriter(options);
  const following = followRuns(core, writer, log);
  return {
    async close() {
      following.dispose();
      await within(clock, LAST_MS, writer.flush());
      writer.dispose();
    },
  };
}
