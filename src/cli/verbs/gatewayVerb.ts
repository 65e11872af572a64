import { statSync } from "node:fs";
import { resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Command, InvalidArgumentError } from "commander";
import { isAppError } from "../../base/appError.ts";
import { describeError } from "../../base/log.ts";
import { defined } from "../../base/defined.ts";
import { findStateDir, makeStateFolder } from "../../config/stateFolder.ts";
import type { Verb } from "../terminal/clientVerb.ts";
import type { Io } from "../terminal/io.ts";
import { stopSignal } from "../terminal/stopSignal.ts";
import { createTerminalHost } from "../terminal/terminalHost.ts";
import { version } from "../terminal/version.ts";

interface GatewayOptions {
  config?: string;
  port?: number;
  host?: string;
  workspace?: string[];
  state?: string;
  verbose?: boolean;
}

export const gateway: Verb = (io) => {
  const command = new Command("gateway")
    .description("run the gateway here, without an editor")
    .option("-c, --config <file>", "configuration (default: openclaw.yml in the state folder)", toFile)
    .option(
      "-p, --port <number>",
      "port to listen on; 0 for any (default: as configured, else 3000 or the next free one)",
      toPort,
    )
    .option("--host <address>", "address to listen on (default: as configured, else 127.0.0.1)")
    .option("-w, --workspace <dir...>", "folders that sessions may work in; naming one trusts it", addFolder)
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)")
    .option("-v, --verbose", "also log what is only of use to find a fault");
  return command.action((options: GatewayOptions) => run(options, io));
};

async function run(options: GatewayOptions, io: Io): Promise<void> {
  const stop = stopSignal();
  const stateDir = options.state ? resolve(options.state) : findStateDir(io.env);
  makeStateFolder(stateDir);
  const { workspace: workspaces = [], verbose = false } = options;
  const host = createTerminalHost({ version, stateDir, workspaces, io, verbose });
  process.on("uncaughtException", (error) => {
    host.log.error("The gateway stops because of a bug", { error: describeError(error) });
    process.exit(1);
  });
  // Many short requests would grow the space for new objects to ten times what they need.
  setFlagsFromString("--semi-space-growth-factor=1");
  // Loaded only here: no other verb needs the agent.
  const { openApp } = await import("../../app.ts");
  const app = await openApp({
    host,
    mode: "lead",
    ...defined({ config: options.config, port: options.port, bindHost: options.host }),
  });
  host.redactor.add(app.token());
  io.stdout.write(`pincer listening on ${app.url}\n`);
  const reason = await Promise.race([stop, app.closed.then((why) => `closed: ${why}`)]);
  host.log.info("Stopping", { reason });
  const failure = await within(
    STOP_MS,
    app.close().then(
      () => undefined,
      (error: unknown) => (isAppError(error) ? error.message : describeError(error)),
    ),
  );
  if (failure !== undefined) host.log.error(failure);
  process.exit(reason.startsWith("closed") || failure !== undefined ? 1 : 0);
}

// A stop takes at most 5 s, and the process has to leave too.
const STOP_MS = 4500;

async function within(ms: number, failure: Promise<string | undefined>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`Not all was closed within ${ms} ms`), ms);
  });
  return Promise.race([failure, late]).finally(() => clearTimeout(timer));
}

function toPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("Write a number from 0 to 65535.");
  return port;
}

function toFile(text: string): string {
  const path = resolve(text);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new InvalidArgumentError("There is no such file.");
  return path;
}

function addFolder(text: string, before: string[] = []): string[] {
  const path = resolve(text);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new InvalidArgumentError("There is no such folder.");
  return [...before, path];
}
