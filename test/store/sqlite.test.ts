import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { silentLog } from "../../src/base/log.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { storeSuite } from "./storeSuite.ts";

const folder = mkdtempSync(join(tmpdir(), "pincer-store-"));
let count = 0;
afterAll(() => rmSync(folder, { recursive: true }));

storeSuite("sqlite", (clock) =>
  openSqliteStore({ path: join(folder, `${++count}`, "pincer.db"), clock, log: silentLog }),
);
