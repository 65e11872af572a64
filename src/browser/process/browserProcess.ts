import type { Browser as Chromium } from "playwright-core";
import { AppError } from "../../base/appError.ts";
import { loadDriver } from "./driver.ts";
import { openEgressProxy } from "../../net/egressProxy.ts";

/** One running browser process. */
export interface BrowserProcess {
  readonly chromium: Chromium;
  /** The program, or the address of one that ran already. */
  readonly executable: string;
  readonly headless: boolean;
  /** Resolves when it is gone: it was closed, or it crashed. */
  readonly gone: Promise<void>;
  isUp(): boolean;
  /** How many tabs its pages have opened so far. Known before the driver tells of the tab itself. */
  popups(): number;
  close(): Promise<void>;
}

interface BrowserProcessOptions {
  executable: string;
  headless: boolean;
}

/** Starts the browser, spoken to over a pipe. Rejects with `unavailable` and the browser's own words. */
export async function openBrowserProcess({ executable, headless }: BrowserProcessOptions): Promise<BrowserProcess> {
  const driver = await loadDriver();
  const proxy = await openEgressProxy({ allowLoopback: () => false, closed: true });
  const chromium = await driver.chromium
    .launch({
      executablePath: executable,
      headless,
      // Inside a container as root, Chromium's sandbox cannot be set up.
      chromiumSandbox: !(process.platform === "linux" && process.getuid?.() === 0),
      proxy: { server: proxy.url },
      args: [
        // Calls between pages go over UDP, past any proxy; names that are looked up early go past it too.
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-quic",
        "--dns-prefetch-disable",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
      ],
      handleSIGHUP: false,
      handleSIGINT: false,
      handleSIGTERM: false,
      timeout: 30_000,
    })
    .catch((error: Error) => {
      proxy.close();
      throw new AppError(
        "unavailable",
        `${executable} could not be started${headless ? "" : " with a window"}: ${firstLines(error)}`,
        {
          cause: error,
        },
      );
    });
  return toBrowserProcess(chromium, { executable, headless }, () => proxy.close());
}

/**
 * Joins a browser that runs already and keeps to contexts of its own there: tabs and cookies of its user are not
 * touched, and closing leaves it running. Rejects with `unavailable` when nothing answers at the address.
 */
export async function attachBrowserProcess(cdpUrl: string): Promise<BrowserProcess> {
  const driver = await loadDriver();
  const chromium = await driver.chromium.connectOverCDP(cdpUrl, { timeout: 10_000 }).catch((error: Error) => {
    throw new AppError(
      "unavailable",
      `No browser answers at ${cdpUrl} (browser.cdpUrl). Start it with --remote-debugging-port and a --user-data-dir of its own.`,
      { cause: error },
    );
  });
  return toBrowserProcess(chromium, { executable: cdpUrl, headless: false }, () => {});
}

async function toBrowserProcess(
  chromium: Chromium,
  { executable, headless }: BrowserProcessOptions,
  onGone: () => void,
): Promise<BrowserProcess> {
  const popups = await countPopups(chromium);
  const gone = new Promise<void>((resolve) => {
    chromium.once("disconnected", () => {
      onGone();
      resolve();
    });
  });
  return {
    chromium,
    executable,
    headless,
    gone,
    isUp: () => chromium.isConnected(),
    popups,
    async close() {
      await chromium.close();
      await gone;
    },
  };
}

async function countPopups(chromium: Chromium): Promise<() => number> {
  let count = 0;
  const devtools = await chromium.newBrowserCDPSession();
  devtools.on("Target.targetCreated", ({ targetInfo }) => {
    if (targetInfo.type === "page" && targetInfo.openerId !== undefined) count += 1;
  });
  await devtools.send("Target.setDiscoverTargets", { discover: true });
  return () => count;
}

/** The driver's message without the log of its steps. */
function firstLines({ message }: Error): string {
  const said = /<process did exit:[^>]*>|\[err\] (.*)/.exec(message);
  const line = message.split("\n").find((text) => text.trim() !== "") ?? "";
  return said ? `${line} ${said[1] ?? said[0]}` : line;
}
