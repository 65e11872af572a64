import { join } from "node:path";
import type { AppOptions } from "../../app.ts";
import { isoTime } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { createRedactor, type Redactor, secretsOfEnvironment } from "../../base/redact.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { makePrivateFolder } from "../../config/privateFile.ts";
import { openSecrets } from "../../config/secrets.ts";
import { plainFetch } from "../../net/plainFetch.ts";
import { canUseProxy, isProxyNamed } from "../../net/proxyOfEnv.ts";
import type { Io } from "./io.ts";
import { awaitLateFolders } from "./lateFolders.ts";
import { logPath, openLogFile } from "./logFile.ts";

export interface TerminalHostOptions {
  /** What other processes are told of who leads. */
  name: string;
  version: string;
  stateDir: string;
  /** Absolute folders; naming them is trusting them. One that is not there keeps its place, and can be worked in once it is. */
  workspaces: string[];
  io: Io;
  /** Also writes what is only of use to find a fault. */
  verbose?: boolean;
  /** The log goes to its file alone. */
  isQuiet?: boolean;
}

/** The edge without an editor: secrets from a file, the log to stderr and to logs/gateway.log in JSON lines. */
export function createTerminalHost(options: TerminalHostOptions): AppOptions["host"] & { redactor: Redactor } {
  const { name, stateDir, workspaces, version, io, verbose = false, isQuiet = false } = options;
  const redactor = createRedactor();
  for (const value of secretsOfEnvironment(io.env)) redactor.add(value);
  const secrets = openSecrets(stateDir);
  const log = createLog({ stateDir, redactor, verbose, isQuiet, io });
  return {
    name,
    version,
    workspaces: () => workspaces,
    ...awaitLateFolders(workspaces, log),
    stateDir,
    async secret(name) {
      const value = secrets.get(name);
      redactor.add(value);
      return value;
    },
    log,
    redactor,
    ...fetchFor(io.env),
  };
}

/** Where a proxy is named, models are asked by the global fetch; so are tools, where Node's plain client would not go through it. */
function fetchFor(env: Io["env"]): { fetch?: typeof fetch } {
  if (!isProxyNamed(env)) return { fetch: plainFetch };
  return canUseProxy ? {} : { fetch: globalThis.fetch };
}

type Level = keyof Log;

interface LogOptions {
  stateDir: string;
  redactor: Redactor;
  verbose: boolean;
  isQuiet: boolean;
  io: Io;
}

function createLog({ stateDir, redactor, verbose, isQuiet, io }: LogOptions): Log {
  makePrivateFolder(join(stateDir, "logs"));
  const file = openLogFile(logPath(stateDir));
  const write = (level: Level, message: string, fields: Record<string, unknown> = {}) => {
    if (level === "debug" && !verbose) return;
    const time = isoTime(Date.now());
    const clean = redactor.value(fields) as Record<string, unknown>;
    const text = redactor.text(message);
    file(JSON.stringify({ time, level, message: text, ...(Object.keys(clean).length > 0 ? { fields: clean } : {}) }));
    if (isQuiet) return;
    const facts = Object.entries(clean).map(
      ([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
    );
    io.stderr.write(`${time.slice(11, 19)} ${level.padEnd(5)} ${visibleLine(text + facts.join(""), 2000)}\n`);
  };
  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
  };
}
