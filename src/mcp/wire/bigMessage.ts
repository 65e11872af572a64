import { Worker } from "node:worker_threads";

/** From this many bytes on a message is read beside the loop, which would otherwise stand still for it. */
export const BIG_BYTES = 512 * 1024;

/** Reads a message of many bytes in a thread of its own. Rejects when it is no JSON. */
export function readBigMessage(line: Buffer): Promise<unknown> {
  // Of the pool's memory only this part goes over.
  const bytes = new Uint8Array(line);
  return new Promise((resolve, reject) => {
    const worker = new Worker(READER, { eval: true, workerData: bytes, transferList: [bytes.buffer] });
    worker.unref();
    worker.once("message", ({ value, fault }: { value?: unknown; fault?: string }) =>
      fault === undefined ? resolve(value) : reject(new Error(fault)),
    );
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("The message could not be read")));
  });
}

const READER = `
const { parentPort, workerData } = require("node:worker_threads");
try {
  parentPort.postMessage({ value: JSON.parse(Buffer.from(workerData.buffer).toString("utf8")) });
} catch (error) {
  parentPort.postMessage({ fault: error.message });
}
`;
