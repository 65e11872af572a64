import type { Disposable } from "../../base/disposable.ts";
import { findConfig } from "../../config/findConfig.ts";
import type { ConfigProblem } from "../../config/configProblem.ts";
import { createConfigReader } from "../../config/lastGood.ts";
import { watchConfig } from "../../config/watchConfig.ts";
import type { AppOptions, ConfigDiagnostic } from "../runningApp.ts";
import { listDiagnostics } from "../settings/configuration.ts";

/** What is wrong with the user's file, which keeps a process from working beside the gateway. */
export interface Faults extends Disposable {
  list(): ConfigDiagnostic[];
  /** Resolves once the file is in order. */
  readonly mended: Promise<void>;
}

export function followFaults({ host, config }: AppOptions, changed: () => void): Faults {
  const { user } = findConfig({ file: config, stateDir: host.stateDir });
  const options = { env: process.env, log: host.log };
  const mended = Promise.withResolvers<void>();
  let problems: ConfigProblem[] = [];
  const watcher = watchConfig(
    { user },
    {
      ...options,
      onChange: () => mended.resolve(),
      onProblems(told) {
        problems = told;
        changed();
      },
    },
  );
  // It may have been mended before it was watched.
  const reading = createConfigReader().read({ user }, options);
  problems = reading.problems;
  if (reading.config) mended.resolve();
  return {
    list: () => listDiagnostics({ problems: () => problems }),
    mended: mended.promise,
    dispose: () => watcher.dispose(),
  };
}
