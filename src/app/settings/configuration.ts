import { join } from "node:path";
import { AppError } from "../../base/appError.ts";
import { type Disposable, Disposables } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError } from "../../base/log.ts";
import { defined } from "../../base/defined.ts";
import { type ConfigFiles, findConfig } from "../../config/findConfig.ts";
import { type ConfigProblem, formatProblem, toLogLines } from "../../config/configProblem.ts";
import { type ConfigReading, faultOf, readConfig } from "../../config/readConfig.ts";
import type { Config } from "../../config/configSchema.ts";
import { watchConfig } from "../../config/watchConfig.ts";
import type { DeclaringFile } from "../../core/jobs/declaredJobs.ts";
import type { Host } from "../../core/ports/host.ts";
import type { ConfigDiagnostic } from "../runningApp.ts";
import { openConfirmed } from "./confirmed.ts";
import { untilSaved } from "./untilSaved.ts";

/** The configuration in force, and what is wrong with the files it comes from. */
export interface Configuration extends Disposable {
  readonly path: string;
  current(): Config;
  /** Which of its jobs each file declares. */
  declared(): DeclaringFile[];
  problems(): ConfigProblem[];
  /** What cannot be done of it, though its words are right; nothing any more. Tells nobody. */
  note(fault?: string): void;
  /** Takes the files as they are now, at once. */
  reload(): void;
  /** Told after a change of the files: with the new configuration, or with new problems and the old one. */
  onDidChange(listener: (config: Config) => void): Disposable;
}

/** Rejects with `bad_request` and file:line:column of each fault when the files are wrong to begin with. */
export async function openConfiguration(host: Host, file: string | undefined): Promise<Configuration> {
  const held = new Disposables();
  const confirmed = openConfirmed(host.stateDir, host.log);
  const changes = new Emitter<Config>((error) =>
    host.log.error("A change of the configuration failed", { error: describeError(error) }),
  );
  const asked = new Set<string>();
  let files = findFiles(host, file);
  let watcher: Disposable | undefined;

  await untilSaved(files);
  const read = () => readConfig(files, { env: process.env, confirmed: confirmed.hashes() });
  const first = read();
  if (!first.config) throw toConfigError(first);
  let config = first.config;
  let declared = first.declared ?? [];
  let problems = first.problems;
  let noted: ConfigProblem[] = [];
  let said = new Set(toLogLines(problems));

  const take = (reading: ConfigReading): void => {
    problems = reading.problems;
    if (reading.config) config = reading.config;
    if (reading.declared) declared = reading.declared;
    changes.emit(config);
    void ask(reading);
  };

  /** What a workspace's file would widen waits for the user's word on exactly that content. */
  const ask = async ({ needsConfirmation }: ConfigReading): Promise<void> => {
    if (!needsConfirmation || asked.has(needsConfirmation.hash)) return;
    asked.add(needsConfirmation.hash);
    const keys = needsConfirmation.changes.map((change) => change.key).join(", ");
    host.log.warn(
      `${files.workspace} asks for more than your own configuration allows: ${keys}. It has no effect until you confirm it.`,
    );
    const agreed = await host.confirm?.({ file: files.workspace ?? "", changes: needsConfirmation.changes });
    if (!agreed) return;
    await confirmed.add(needsConfirmation.hash);
    take(read());
  };

  const watch = (): void => {
    watcher?.dispose();
    watcher = watchConfig(files, {
      env: process.env,
      get confirmed() {
        return confirmed.hashes();
      },
      log: host.log,
      onChange: (_config, reading) => take(reading),
      onProblems(next) {
        problems = next;
        // A fault that stays is told once, whatever else changes.
        const lines = toLogLines(next);
        for (const line of lines) if (!said.has(line)) host.log.warn(line);
        said = new Set(lines);
        changes.emit(config);
      },
    });
  };

  watch();
  held.add({ dispose: () => watcher?.dispose() });
  const workspaces = host.onDidChangeWorkspaces?.(() => {
    files = findFiles(host, file);
    watch();
    take(read());
  });
  if (workspaces) held.add(workspaces);
  void ask(first);
  return {
    path: files.user,
    current: () => config,
    declared: () => declared,
    problems: () => [...problems, ...noted],
    note: (fault) => void (noted = fault === undefined ? [] : [faultOf(files.user, fault)]),
    reload: () => take(read()),
    onDidChange: (listener) => changes.on(listener),
    dispose: () => held.dispose(),
  };
}

/** The faults of its files, as an editor shows them. */
export function listDiagnostics(configuration: Configuration): ConfigDiagnostic[] {
  return configuration.problems().map(({ file, severity, line, column, message, code }) => ({
    path: file,
    severity,
    line,
    column,
    message,
    ...defined({ code }),
  }));
}

/** The workspace's file is watched for even before it is there. */
function findFiles(host: Host, file: string | undefined): ConfigFiles {
  const workspaces = host.workspaces();
  const found = findConfig({ ...defined({ file }), stateDir: host.stateDir, workspaces });
  const expected = workspaces[0] && join(workspaces[0], "openclaw.yml");
  return found.workspace || !expected || expected === found.user ? found : { ...found, workspace: expected };
}

function toConfigError({ problems }: ConfigReading): AppError {
  const errors = problems.filter((problem) => problem.severity === "error");
  return new AppError("bad_request", errors.map(formatProblem).join("\n"), {
    details: errors.map((problem) => ({
      path: `${problem.file}:${problem.line}:${problem.column}`,
      message: problem.message,
    })),
  });
}
