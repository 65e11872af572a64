import { writeSync } from "node:fs";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import * as make from "../samples.ts";

// Commits until it is killed, and says the number of each commit once it is acknowledged.

const store = await openSqliteStore({ path: process.argv[2]!, clock: systemClock, log: silentLog });
for (let n = 1; ; n++) {
  await store.commit(
    make.batchOf({
      sessions: [make.sessionOf("main", { messageCount: n })],
      runs: [make.runOf(`run-${n}`, "main")],
      events: [
        make.messageOf(
          "main",
          2 * n - 1,
          2 * n - 1,
          make.userText(`message ${n} ${"text ".repeat(n % 200)}`),
          `run-${n}`,
        ),
        make.eventOf("main", 2 * n, 2 * n, { type: "run.notice", text: "n" }, `run-${n}`),
      ],
      usage: [make.usageOf("2026-11-22", "main")],
    }),
  );
  writeSync(1, `${n}\n`);
}
