import type { App } from "../../app.ts";
import { isAppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { onAbort, sleep } from "../../base/wait.ts";

export interface StandByOptions {
  /** Leads, or works beside whoever does until it may. */
  open(): Promise<App>;
  log: Log;
  clock: Clock;
  /** Aborts when nobody is to wait any more. */
  stopped: AbortSignal;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000;

/**
 * Resolves with an app that leads, once nobody else does; with undefined when it was stopped before. What is
 * `unavailable` now, as a gateway that is only starting or a port that another program has, is tried again.
 */
export async function standBy({ open, log, clock, stopped }: StandByOptions): Promise<App | undefined> {
  let pause = FIRST_PAUSE_MS;
  let told = "";
  while (!stopped.aborted) {
    try {
      const app = await open();
      if (app.role === "leader") return app;
      log.info("Another gateway leads; this one waits for its turn", { url: app.url });
      if (await leadsOnce(app, stopped)) return app;
      pause = FIRST_PAUSE_MS;
    } catch (error) {
      if (!isAppError(error) || error.code !== "unavailable") throw error;
      if (error.message !== told) log.warn(error.message);
      told = error.message;
      // Rejects when it is stopped, which the loop sees.
      await sleep(clock, pause, stopped).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
  return undefined;
}

/** False when it is over before it leads: then it is closed. */
async function leadsOnce(app: App, stopped: AbortSignal): Promise<boolean> {
  const over = Promise.withResolvers<void>();
  const gone = onAbort(stopped, over.resolve);
  const changes = app.onDidChange(() => app.role === "leader" && over.resolve());
  await Promise.race([app.closed, over.promise]);
  gone.dispose();
  changes.dispose();
  if (app.role === "leader" && !stopped.aborted) return true;
  await app.close();
  return false;
}
