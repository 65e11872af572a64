import { findDesktop, openDesktop } from "./desktop.ts";
import { buildIfChanged } from "./build.ts";
import { curlLine, findGateway, type Gateway, startGateway, stateFolder, waitForGateway } from "./gateway.ts";
import { serveEditor } from "./served.ts";

const stops: (() => Promise<void>)[] = [];
let stopping = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));
process.on("disconnect", () => void stop(0));

try {
  if (await buildIfChanged()) console.log("Built.");
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
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
    const editor = await serveEditor();
    stops.push(() => editor.stop());
    console.log(`\nVS Code with the extension, for this machine's browsers:\n  ${editor.url}`);
  }
  console.log("\nCtrl+C stops what this command started.");
}

async function lead(): Promise<Gateway> {
  const { gateway, stop: stopGateway } = await startGateway();
  stops.push(stopGateway);
  return gateway;
}

function announce(gateway: Gateway): void {
  console.log(`\nThe gateway serves at ${gateway.url}. Say hello to it:\n  ${curlLine(gateway)}\n`);
}

/** An editor on the desktop is not a child of this process; without one of those, nothing would hold it. */
function keepAlive(): void {
  const timer = setInterval(() => {}, 60_000);
  stops.push(async () => clearInterval(timer));
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.allSettled(stops.map((end) => end()));
  process.exit(code);
}
