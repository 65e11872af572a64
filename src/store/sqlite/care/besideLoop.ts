import { Worker } from "node:worker_threads";
import { onAbort } from "../../../base/wait.ts";

export interface Statement {
  sql: string;
  values?: string[];
}

/**
 * Runs statements one after another over a connection of their own, in a thread of its own: what reads all of a store
 * takes seconds. Resolves with each one's rows, in text; rejects with SQLite's own error.
 */
export function besideLoop(path: string, statements: Statement[], signal?: AbortSignal): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(SOURCE, { eval: true, workerData: { path, statements }, execArgv: [], env: {} });
    const gone = onAbort(signal, () => void worker.terminate());
    worker.unref();
    worker.once("message", ({ rows, message, errcode }: Answer) => {
      if (rows) resolve(rows);
      else reject(Object.assign(new Error(message), { errcode }));
    });
    worker.once("error", reject);
    worker.once("exit", () => {
      gone.dispose();
      reject(new Error("The thread beside the store ended early"));
    });
  });
}

interface Answer {
  rows?: string[][];
  message?: string;
  errcode?: number;
}

// As text, so that it is the same whether it is bundled or not.
const SOURCE = `
const { parentPort, workerData } = require("node:worker_threads");
process.emitWarning = () => {};
const { DatabaseSync } = require("node:sqlite");
let connection;
try {
  connection = new DatabaseSync(workerData.path);
  connection.exec("PRAGMA busy_timeout = 1000");
  const rows = workerData.statements.map(({ sql, values = [] }) =>
    connection.prepare(sql).all(...values).map((row) => Object.values(row).map(String).join(" ")));
  connection.close();
  parentPort.postMessage({ rows });
} catch (error) {
  try { connection?.close(); } catch {}
  parentPort.postMessage({ message: error.message, errcode: error.errcode });
}
`;
