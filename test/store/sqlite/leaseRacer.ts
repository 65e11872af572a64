import { createInterface } from "node:readline";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import * as make from "../samples.ts";

// Opens each store whose path it is told, asks for its lease, and says who holds it.

const nonce = process.argv[2]!;
console.log("ready");
for await (const path of createInterface({ input: process.stdin })) {
  try {
    const store = await openSqliteStore({ path, clock: systemClock, log: silentLog });
    console.log((await store.holdLease("gateway", make.holderOf(nonce), 60_000)).holder.nonce);
    await store.close();
  } catch (error) {
    console.log(`failed: ${String(error)}`);
  }
}
