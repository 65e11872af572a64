import { resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Command } from "commander";
import type { App, AppOptions } from "../../../app.ts";
import { AppError } from "../../../base/appError.ts";
import { systemClock } from "../../../base/clock.ts";
import { describeError, type Log } from "../../../base/log.ts";
import { defined } from "../../../base/defined.ts";
import { findStateDir, makeStateFolder } from "../../../config/stateFolder.ts";
import { GATEWAY_NAME } from "../../../base/text/gatewayName.ts";
import { STANDBY_NAME } from "../../service/gatewayService.ts";
import { readEnvFile } from "../../service/shellKeys.ts";
import { proxyOf, useProxy } from "../../../net/proxyOfEnv.ts";
import type { Verb } from "../../terminal/clientVerb.ts";
import { addFolderPath, faultOf, toFile, toFolder, toFolderPath, toPort } from "../../terminal/givenPlaces.ts";
import type { Io } from "../../terminal/io.ts";
import { collectAtRest } from "../../terminal/restMemory.ts";
import { standBy } from "../../terminal/standBy.ts";
import { stopSignal } from "../../terminal/stopSignal.ts";
import { createTerminalHost } from "../../terminal/terminalHost.ts";
import { version } from "../../terminal/version.ts";

interface GatewayOptions {
  config?: string;
  port?: number;
  host?: string;
  workspace?: string[];
  state?: string;
  variables?: string;
  standby?: boolean;
  verbose?: boolean;
}

export const gateway: Verb = (io) => {
  const command = new Command("gateway")
    .description("run the gateway here, without an editor")
    .option("-c, --config <file>", "configuration (default: openclaw.yml in the state folder)", (path) => resolve(path))
    .option(
      "-p, --port <number>",
      "port to listen on; 0 for any (default: as configured, else 3000 or the next free one)",
      toPort,
    )
    .option("--host <address>", "address to listen on (default: as configured, else 127.0.0.1)")
    .option("-w, --workspace <dir...>", "folders that sessions may work in; naming one trusts it", addFolderPath)
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    // Not --env-file: Node.js takes that for itself, wherever it stands.
    .option("--variables <file>", "variables that are not set here, keys among them; readable by you alone")
    .option(
      "--standby",
      "while another gateway leads, wait, and take over when it goes; the log goes to its file alone",
    )
    .option("-v, --verbose", "also log what is only of use to find a fault");
  return command.action((options: GatewayOptions) => {
    // A service outlives what it was installed with; whoever types is told.
    if (!options.standby) checkPlaces(command, options);
    return run(options, io);
  });
};

function checkPlaces(command: Command, { config, workspace = [] }: GatewayOptions): void {
  const refuse = (flag: string, path: string, fault: string | undefined): void => {
    const option = command.options.find(({ long }) => long === flag)!;
    if (fault !== undefined) command.error(`error: option '${option.flags}' argument '${path}' is invalid. ${fault}`);
  };
  if (config !== undefined) refuse("--config", config, faultOf(config, toFile));
  for (const folder of workspace) refuse("--workspace", folder, faultOf(folder, toFolder));
}

async function run(options: GatewayOptions, io: Io): Promise<void> {
  const stop = stopSignal();
  const stateDir = options.state ? resolve(options.state) : findStateDir(io.env);
  makeStateFolder(stateDir);
  const { workspace: workspaces = [], verbose = false, standby = false } = options;
  if (options.variables !== undefined) Object.assign(io.env, { ...readEnvFile(resolve(options.variables)), ...io.env });
  const name = standby ? STANDBY_NAME : GATEWAY_NAME;
  const host = createTerminalHost({ name, version, stateDir, workspaces, io, verbose, isQuiet: standby });
  process.on("uncaughtException", (error) => {
    host.log.error("The gateway stops because of a bug", { error: describeError(error) });
    process.exit(1);
  });
  goByProxy(io.env, host, standby);
  // Many short requests would grow the space for new objects to ten times what they need.
  setFlagsFromString("--semi-space-growth-factor=1");
  // Left to itself, four times what is in use becomes garbage before any of it is collected. Less than this costs turns.
  setFlagsFromString("--heap-growing-percent=150");
  // Loaded only here: no other verb needs the agent.
  const { openApp } = await import("../../../app.ts");
  const { config, port, host: bindHost } = options;
  const open = async (mode: AppOptions["mode"]) => {
    // Nothing else stands for it: rules may be in it.
    if (config !== undefined && faultOf(config, toFile) !== undefined)
      throw new AppError("unavailable", `${config} is not there; what --config names is waited for`);
    return openApp({ host, mode, ...defined({ config, port, bindHost }) });
  };
  const app = await (standby ? untilLeading(() => open("join"), stop, host.log) : open("lead"));
  if (!app) process.exit(0);
  host.redactor.add(app.token());
  collectAtRest({ clock: systemClock });
  io.stdout.write(`pincer listening on ${app.url}\n`);
  const reason = await Promise.race([stop, app.closed.then((why) => `closed: ${why}`)]);
  host.log.info("Stopping", { reason });
  // Its log goes to a file: whoever has it in a terminal is told, too.
  if (standby && reason.startsWith("closed")) io.stderr.write(`pincer: ${reason}\n`);
  const failure = await within(
    STOP_MS,
    app.close().then(
      () => undefined,
      (error: unknown) => describeError(error),
    ),
  );
  if (failure !== undefined) host.log.error(failure);
  process.exit(reason.startsWith("closed") || failure !== undefined ? 1 : 0);
}

function goByProxy(env: Io["env"], { log, redactor }: ReturnType<typeof createTerminalHost>, isService: boolean): void {
  try {
    const proxy = proxyOf(env);
    if (!proxy) return;
    for (const secret of proxy.secrets) redactor.add(secret);
    const isUsed = useProxy(proxy, env);
    const how = "this Node.js cannot be told of a proxy; 24.14 and newer can, or older ones by NODE_USE_ENV_PROXY=1";
    log[isUsed ? "info" : "warn"](isUsed ? "Other machines are asked through a proxy" : how, { proxy: proxy.shown });
  } catch (error) {
    // Nobody reads what a service says but in its log.
    if (isService) log.error(describeError(error));
    throw error;
  }
}

async function untilLeading(open: () => Promise<App>, stop: Promise<string>, log: Log): Promise<App | undefined> {
  const stopped = new AbortController();
  void stop.then(() => stopped.abort());
  // The clock's timers keep no process alive, and between two tries nothing else would.
  const alive = setInterval(() => {}, 60_000);
  try {
    return await standBy({ open, log, clock: systemClock, stopped: stopped.signal });
  } catch (error) {
    // Nobody reads what a service says but in its log.
    log.error(describeError(error));
    throw error;
  } finally {
    clearInterval(alive);
  }
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
