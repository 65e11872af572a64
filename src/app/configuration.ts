import { AppError } from "../base/appError.ts";
import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { findConfig } from "../config/find.ts";
import type { ConfigProblem } from "../config/problem.ts";
import { type ConfigReading, readConfig } from "../config/read.ts";
import type { Config } from "../config/schema.ts";
import { watchConfig } from "../config/watch.ts";
import type { Host } from "../core/ports/host.ts";

/** The configuration in force, and what is wrong with the files it comes from. */
export interface Configuration extends Disposable {
  readonly path: string;
  current(): Config;
  problems(): ConfigProblem[];
  /** Told after a change of the files: with the new configuration, or with new problems and the old one. */
  onDidChange(listener: (config: Config) => void): Disposable;
}

/** Rejects with `bad_request` and file:line:column of each fault when the files are wrong to begin with. */
export function openConfiguration(host: Host, file: string | undefined): Configuration {
  const files = findConfig({ file, stateDir: host.stateDir, workspaces: host.workspaces() });
  const options = { env: process.env };
  const first = readConfig(files, options);
  if (!first.config) throw toConfigError(first);
  let config = first.config;
  let problems = first.problems;
  const changes = new Emitter<Config>();
  const watcher = watchConfig(files, {
    ...options,
    log: host.log,
    onChange(next) {
      config = next;
      host.log.info("The configuration was read again");
      changes.emit(config);
    },
    onProblems(next) {
      problems = next;
      changes.emit(config);
    },
  });
  return {
    path: files.user,
    current: () => config,
    problems: () => problems,
    onDidChange: (listener) => changes.on(listener),
    dispose: () => watcher.dispose(),
  };
}

export function describeProblem({ file, line, column, message, suggestion }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${message}${suggestion ? ` (did you mean ${suggestion}?)` : ""}`;
}

function toConfigError({ problems }: ConfigReading): AppError {
  const errors = problems.filter((problem) => problem.severity === "error");
  return new AppError("bad_request", errors.map(describeProblem).join("\n"), {
    details: errors.map((problem) => ({
      path: `${problem.file}:${problem.line}:${problem.column}`,
      message: problem.message,
    })),
  });
}
