import type { Machine } from "../../base/findProgram.ts";
import type { Log } from "../../base/log.ts";
import { attachBrowserProcess, type BrowserProcess, openBrowserProcess } from "./browserProcess.ts";
import { findExecutable } from "./findExecutable.ts";

interface SharedProcessOptions {
  config: () => { executablePath?: string; cdpUrl?: string; headless: boolean };
  log: Log;
  /** Folders that a browser is never taken from. */
  workspaces?: () => string[];
  machine?: Machine;
  /** The browser ended by itself. The next one is started when this has resolved. */
  onCrash: () => Promise<unknown>;
}

/** Has one browser process at most, started on demand and again after a crash. */
export interface SharedProcess {
  current(): BrowserProcess | undefined;
  running(): Promise<BrowserProcess>;
  /** Whether the next one has no window; undefined: as configured. */
  want(headless: boolean | undefined): void;
  close(): Promise<void>;
}

export function createSharedProcess({
  config,
  log,
  workspaces = () => [],
  machine,
  onCrash,
}: SharedProcessOptions): SharedProcess {
  let browserProcess: BrowserProcess | undefined;
  let starting: Promise<BrowserProcess> | undefined;
  let clearing: Promise<unknown> = Promise.resolve();
  let headless: boolean | undefined;
  const closing = new WeakSet<BrowserProcess>();

  const start = async (): Promise<BrowserProcess> => {
    await clearing;
    const { executablePath, cdpUrl, headless: configured } = config();
    const started = cdpUrl
      ? await attachBrowserProcess(cdpUrl)
      : await openBrowserProcess({
          executable: findExecutable(executablePath, workspaces(), machine),
          headless: headless ?? configured,
        });
    const { executable } = started;
    log.info("The browser is there", { executable, headless: started.headless });
    browserProcess = started;
    void started.gone.then(() => {
      if (browserProcess === started) browserProcess = undefined;
      if (closing.has(started)) return;
      log.warn("The browser ended unexpectedly", { executable });
      clearing = onCrash();
    });
    return started;
  };

  return {
    current: () => (browserProcess?.isUp() ? browserProcess : undefined),
    running() {
      if (browserProcess?.isUp()) return Promise.resolve(browserProcess);
      starting ??= start().finally(() => (starting = undefined));
      return starting;
    },
    want(value) {
      headless = value ?? headless;
    },
    async close() {
      const started = browserProcess ?? (await starting?.catch(() => undefined));
      if (!started) return;
      closing.add(started);
      browserProcess = undefined;
      await started.close();
    },
  };
}
