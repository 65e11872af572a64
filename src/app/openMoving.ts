import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../base/appError.ts";
import { systemClock } from "../base/clock.ts";
import { silentLog } from "../base/log.ts";
import type { Moving } from "../core/services/movingService.ts";
import { createMoving } from "../core/moving/moving.ts";
import { openSqliteStore } from "../store/sqlite/sqliteStore.ts";
import { emptyBesideCopies } from "./storeCopies.ts";

/**
 * What can be taken out of a state folder and in while no gateway runs on it. `unavailable` for a folder without a store,
 * unless one is to be made. Jobs can be neither turned on nor granted anything: nobody is there to check them.
 */
export async function openMoving(
  stateDir: string,
  { make }: { make: boolean | "tried" },
): Promise<Moving & { close(): Promise<void> }> {
  const isTrial = make === "tried" && !existsSync(join(stateDir, "pincer.db"));
  // What only says what it would do makes no store: it tries it on one that goes.
  const folder = isTrial ? mkdtempSync(join(tmpdir(), "pincer-dry-")) : stateDir;
  const path = join(folder, "pincer.db");
  const empty = emptyBesideCopies(path);
  if (empty) throw new AppError("unavailable", `${empty.problem}. ${empty.fix}`);
  if (!make && !existsSync(path)) throw new AppError("unavailable", `There is no store in ${stateDir}`);
  const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
  const moving = createMoving({
    store,
    commit: (batch) => store.commit(batch),
    between: (_key, work) => work(),
    listed: () => undefined,
    jobs: () => ({
      has: async (id) => (await store.getJob(id)) !== undefined,
      put: (job) => store.commit({ jobs: [{ put: job, expect: 0 }] }),
    }),
    now: () => systemClock.now(),
  });
  return {
    ...moving,
    async take(request, by) {
      if (request.enable || request.grants)
        throw new AppError(
          "unavailable",
          "Jobs are turned on, and granted anything, by a gateway alone: start one with: pincer gateway",
        );
      return moving.take(request, by);
    },
    async close() {
      await store.close();
      if (isTrial) rmSync(folder, { recursive: true, force: true });
    },
  };
}
