import { existsSync } from "node:fs";
import type { Clock } from "../../../base/clock.ts";
import { isAlive } from "../../../base/isAlive.ts";
import { pidSpace } from "../../../base/pidSpace.ts";
import { loadSqlite } from "../loadSqlite.ts";
import { defined } from "../../../base/defined.ts";

/** A process that works with a store, by its name where that is known. */
export interface AtWork {
  owner?: string;
  pid: number;
}

/** One of the processes besides this that work with the store now; undefined where there is none. Changes nothing of it. */
export async function otherAtWork(path: string, clock: Pick<Clock, "now">): Promise<AtWork | undefined> {
  if (!existsSync(path)) return undefined;
  const { DatabaseSync } = await loadSqlite();
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database
      .prepare(
        `SELECT body ->> 'owner' AS owner, body ->> 'pid' AS pid, body ->> 'pidSpace' AS space FROM leases
          WHERE name = 'gateway' AND nonce IS NOT NULL AND expires_at > ?1
        UNION ALL SELECT NULL, pid, pid_space FROM workers WHERE expires_at > ?1`,
      )
      .all(clock.now());
    const others = rows.map(({ owner, pid, space }) => ({
      ...(owner === null ? {} : { owner: String(owner) }),
      pid: Number(pid),
      // A laptop is called otherwise in another network: then a worker of this process was, too.
      isHere: space === pidSpace() || (process.platform !== "linux" && Number(pid) === process.pid),
    }));
    const found = others.find(({ pid, isHere }) => !isHere || (pid !== process.pid && isAlive(pid)));
    return found && { ...defined({ owner: found.owner }), pid: found.pid };
  } finally {
    database.close();
  }
}
