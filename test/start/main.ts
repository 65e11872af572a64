import { findDesktop, openDesktop } from "./desktop.ts";
import { buildIfChanged } from "./build.ts";
import {
  curlLine,
  findGateway,
  type Gateway,
  powershellLine,
  startGateway,
  stateFolder,
  waitForGateway,
} from "./gateway.ts";
import { makeStateFolder } from "../../src/config/stateFolder.ts";
import { endAll, endGroup } from "../steps/process.mjs";
import { serveEditor } from "./served.ts";

const stops: (() => Promise<void>)[] = [];
const groups: number[] = [];
let stopping = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));
process.on("disconnect", () => void stop(0));
// What read our output may be gone before us; there is still all to stop.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  // Made first: what is wrong with it is told at once.
  makeStateFolder(stateFolder());
  await buildIfChanged();
  await start();
} catch (error) {
  // What was ended because all is to stop has failed for no reason of its own.
  if (!stopping) console.error(error instanceof Error ? error.message : error);
  await stop(1);
}

/** The gateway first: it serves in a second, a first VS Code for the browser takes a minute to install. */
async function start(): Promise<void> {
  const running = await findGateway();
  if (running) console.log(`A gateway already runs on ${stateFolder()}; using it.`);
  const desktop = findDesktop();
  if (desktop) {
    openDesktop(desktop);
    console.log("VS Code opens with the extension loaded.");
    announce(running ?? (await waitForGateway(20_000)) ?? (await lead()));
    keepAlive();
  } else {
    announce(running ?? (await lead()));
    const editor = await serveEditor(tellGroup);
    stops.push(() => editor.stop());
    console.log(
      `\nVS Code with the extension, for this machine's browsers; the address is its key:\n  ${editor.address}`,
    );
  }
  console.log("\nCtrl+C stops what this command started.");
}

async function lead(): Promise<Gateway> {
  const { gateway, stop: stopGateway } = await startGateway(tellGroup);
  stops.push(stopGateway);
  return gateway;
}

function announce(gateway: Gateway): void {
  const line = process.platform === "win32" ? powershellLine(gateway) : curlLine(gateway);
  console.log(`\nThe gateway serves at ${gateway.url}. Say hello to it:\n  ${line}\n`);
}

/** The process that started this one ends the group should this one not live to do it. */
function tellGroup(pid: number): void {
  groups.push(pid);
  process.send?.({ group: pid });
}

/** An editor on the desktop is not a child of this process; without one of those, nothing would hold it. */
function keepAlive(): void {
  const timer = setInterval(() => {}, 60_000);
  stops.push(async () => clearInterval(timer));
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  endAll();
  await Promise.allSettled(stops.map((end) => end()));
  // What was still starting has no stop of its own yet.
  for (const group of groups) endGroup(group, "SIGKILL");
  process.exit(code);
}
