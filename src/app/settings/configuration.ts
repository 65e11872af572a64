import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { AppError } from "../../base/appError.ts";
import { type Disposable, Disposables } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError } from "../../base/log.ts";
import { defined } from "../../base/defined.ts";
import { type ConfigFiles, findConfig, pathsOf } from "../../config/findConfig.ts";
import { type ConfigProblem, formatProblem, toLogLines } from "../../config/configProblem.ts";
import { createConfigReader, type LastingReading } from "../../config/lastGood.ts";
import { type ConfigReading, faultOf } from "../../config/readConfig.ts";
import type { Config } from "../../config/configSchema.ts";
import { watchConfig } from "../../config/watchConfig.ts";
import type { DeclaringFile } from "../../core/jobs/declaredJobs.ts";
import type { Host } from "../../core/ports/host.ts";
import type { ConfigDiagnostic } from "../runningApp.ts";
import { createWidening } from "./createWidening.ts";
import { untilSaved } from "./untilSaved.ts";

/** The configuration in force, and what is wrong with the files it comes from. */
export interface Configuration extends Disposable {
  readonly path: string;
  current(): Config;
  /** What the user's own file says by itself: what a workspace's makes of it holds in that workspace. */
  user(): Config;
  /** Which of its jobs each file declares. */
  declared(): DeclaringFile[];
  problems(): ConfigProblem[];
  /** What cannot be done of it, though its words are right; nothing any more. Tells nobody. */
  note(fault?: string): void;
  /** Takes the files as they are now, at once. */
  reload(): void;
  /** Throws `conflict` where the user's own file is gone or half there: what is written into it now would be all that it says. */
  refuseGone(): void;
  /** Told after a change of the files: with the new configuration, or with new problems and the old one. */
  onDidChange(listener: (config: Config) => void): Disposable;
}

/** Rejects with `bad_request` and file:line:column of each fault when the files are wrong to begin with. */
export async function openConfiguration(host: Host, file: string | undefined): Promise<Configuration> {
  const held = new Disposables();
  const changed = new Emitter<Config>((error) =>
    host.log.error("A change of the configuration failed", { error: describeError(error) }),
  );
  let files = findFiles(host, file);
  let watcher: Disposable | undefined;

  await untilSaved(files);
  const reader = createConfigReader();
  const widening = createWidening(host, (path, fault) => {
    take(read());
    if (fault === undefined) return;
    const message = `What you allowed of this file holds until Pincer ends, and is asked again then: ${fault}`;
    host.log.error(message);
    problems = [...problems, { ...faultOf(path, message), severity: "warning" }];
    changed.emit(config);
  });
  const read = () => reader.read(files, { env: process.env, confirmed: widening.hashes() });
  const first = read();
  if (!first.config) throw toConfigError(first);
  let config = first.config;
  let user = first.user ?? config;
  let declared = first.declared ?? [];
  let problems = first.problems;
  let noted: ConfigProblem[] = [];
  let said = new Set(toLogLines(problems));

  const take = (reading: LastingReading): void => {
    problems = reading.problems;
    if (reading.config) config = reading.config;
    if (reading.user) user = reading.user;
    if (reading.declared) declared = reading.declared;
    changed.emit(config);
    widening.ask(reading);
  };

  /** Which of several folders' files is the first, and by which name a folder has one, may be otherwise now. */
  const findAgain = (): boolean => {
    const found = { ...findFiles(host, file), user: files.user };
    if (isDeepStrictEqual(found, files)) return false;
    files = found;
    watch();
    return true;
  };

  const watch = (): void => {
    watcher?.dispose();
    watcher = watchConfig(files, {
      env: process.env,
      log: host.log,
      reader,
      get confirmed() {
        return widening.hashes();
      },
      onChange: () => take(read()),
      onProblems(told) {
        const next = findAgain() ? read().problems : told;
        problems = next;
        // A fault that stays is told once, whatever else changes.
        const lines = toLogLines(next);
        for (const line of lines) if (!said.has(line)) host.log.warn(line);
        said = new Set(lines);
        changed.emit(config);
      },
    });
  };

  watch();
  held.add({ dispose: () => watcher?.dispose() });
  const workspaces = host.onDidChangeWorkspaces?.(() => {
    files = { ...findFiles(host, file), user: files.user };
    watch();
    take(read());
  });
  if (workspaces) held.add(workspaces);
  widening.ask(first);
  return {
    path: files.user,
    current: () => config,
    user: () => user,
    declared: () => declared,
    problems: () => [...problems, ...noted],
    note: (fault) => void (noted = fault === undefined ? [] : [faultOf(files.user, fault)]),
    reload: () => take(read()),
    refuseGone() {
      const fault = read().gone;
      if (fault !== undefined) throw new AppError("conflict", `${files.user}: ${fault}. Nothing is written into it.`);
    },
    onDidChange: (listener) => changed.on(listener),
    dispose: () => held.dispose(),
  };
}

/** The faults of its files, as an editor shows them. */
export function listDiagnostics(configuration: Pick<Configuration, "problems">): ConfigDiagnostic[] {
  return configuration.problems().map(({ file, severity, line, column, message, code }) => ({
    path: file,
    severity,
    line,
    column,
    message,
    ...defined({ code }),
  }));
}

/** The workspaces' files are watched for even before they are there. */
function findFiles(host: Host, file: string | undefined): ConfigFiles {
  const workspaces = host.workspaces();
  const found = findConfig({ ...defined({ file }), stateDir: host.stateDir, workspaces });
  const there = pathsOf(found);
  const expected = workspaces.flatMap((folder) => {
    const names = ["openclaw.yml", "openclaw.yaml"].map((name) => join(folder, name));
    const at = names.findIndex((path) => there.includes(path));
    // The first name goes before the other one.
    return at === -1 ? names : names.slice(0, at);
  });
  const [workspace, ...others] = [...there.slice(1), ...expected];
  return { user: found.user, ...defined({ workspace }), ...(others.length > 0 ? { others } : {}) };
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
