import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

// A thread that asks one gateway how it is, every 5 ms, and tells how long each answer took.
const { url, ms } = workerData as { url: string; ms: number };
const times: number[] = [];
const end = performance.now() + ms;
while (performance.now() < end) {
  const began = performance.now();
  await (await fetch(`${url}/health`)).text();
  times.push(performance.now() - began);
  await sleep(5);
}
parentPort!.postMessage(times);
