import type { Log } from "../../base/log.ts";
import { attachEngine, type Engine, openEngine } from "./openEngine.ts";
import { findExecutable, type Machine } from "./findExecutable.ts";

interface EngineRoomOptions {
  config: () => { executablePath?: string; cdpUrl?: string; headless: boolean };
  log: Log;
  machine?: Machine;
  /** The browser ended by itself. The next one is started when this has resolved. */
  onCrash: () => Promise<unknown>;
}

/** Has one browser process at most, started on demand and again after a crash. */
export interface EngineRoom {
  current(): Engine | undefined;
  running(): Promise<Engine>;
  /** Whether the next one has no window; undefined: as configured. */
  want(headless: boolean | undefined): void;
  close(): Promise<void>;
}

export function createEngineRoom({ config, log, machine, onCrash }: EngineRoomOptions): EngineRoom {
  let engine: Engine | undefined;
  let starting: Promise<Engine> | undefined;
  let clearing: Promise<unknown> = Promise.resolve();
  let headless: boolean | undefined;
  const closing = new WeakSet<Engine>();

  const start = async (): Promise<Engine> => {
    await clearing;
    const { executablePath, cdpUrl, headless: configured } = config();
    const started = cdpUrl
      ? await attachEngine(cdpUrl)
      : await openEngine({
          executable: findExecutable(executablePath, machine),
          headless: headless ?? configured,
        });
    const { executable } = started;
    log.info("The browser is there", { executable, headless: started.headless });
    engine = started;
    void started.gone.then(() => {
      if (engine === started) engine = undefined;
      if (closing.has(started)) return;
      log.warn("The browser ended unexpectedly", { executable });
      clearing = onCrash();
    });
    return started;
  };

  return {
    current: () => (engine?.isUp() ? engine : undefined),
    running() {
      if (engine?.isUp()) return Promise.resolve(engine);
      starting ??= start().finally(() => (starting = undefined));
      return starting;
    },
    want(value) {
      headless = value ?? headless;
    },
    async close() {
      const started = engine ?? (await starting?.catch(() => undefined));
      if (!started) return;
      closing.add(started);
      engine = undefined;
      await started.close();
    },
  };
}
