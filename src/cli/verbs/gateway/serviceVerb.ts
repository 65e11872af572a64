import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import { isAlive } from "../../../base/isAlive.ts";
import { realPath } from "../../../base/files/realPath.ts";
import { findConfig } from "../../../config/findConfig.ts";
import { readConfigText } from "../../../config/configText.ts";
import { findStateDir, makeStateFolder, readGatewayFile } from "../../../config/stateFolder.ts";
import { findSupervisor } from "../../service/findSupervisor.ts";
import {
  type OwnProgram,
  serviceEnvFile,
  serviceName,
  STANDBY_NAME,
  toGatewayService,
} from "../../service/gatewayService.ts";
import type { ServiceState, Supervisor } from "../../service/service.ts";
import { type ServiceMachine, thisServiceMachine } from "../../service/serviceMachine.ts";
import { dropServiceRecord, keepServiceRecord, missingPlaces } from "../../service/serviceRecord.ts";
import { leftOutKeys } from "../../service/shellKeys.ts";
import type { Verb } from "../../terminal/clientVerb.ts";
import { addFolder, toFile, toPort, toFolderPath } from "../../terminal/givenPlaces.ts";
import type { Io } from "../../terminal/io.ts";
import { logPath } from "../../terminal/logFile.ts";
import { createPrinter } from "../../terminal/printer.ts";

interface InstallOptions {
  config?: string;
  port?: number;
  workspace?: string[];
  state?: string;
  json?: boolean;
}

export const service: Verb = (io) => serviceCommand(io, thisServiceMachine(io.env), thisProgram());

function thisProgram(): OwnProgram {
  const isEditor = "electron" in process.versions;
  return { node: process.execPath, cli: realPath(process.argv[1] ?? ""), isEditor };
}

/** `pincer service` for a machine and a program that may be others than this. */
export function serviceCommand(io: Io, machine: ServiceMachine, program: OwnProgram): Command {
  const usualStateDir = findStateDir({ ...machine.env, PINCER_HOME: undefined }, machine.home);
  const toStateDir = (state: string | undefined) => (state ? resolve(state) : findStateDir(machine.env, machine.home));
  const look = (state: string | undefined) => {
    const stateDir = toStateDir(state);
    return { stateDir, name: serviceName(stateDir, usualStateDir), supervisor: findSupervisor(machine) };
  };

  const install = new Command("install")
    .description("have the gateway run whenever you are logged in; where one is installed, take these options instead")
    .option("-w, --workspace <dir...>", "folders that sessions may work in; naming one trusts it", addFolder)
    .option("-c, --config <file>", "configuration (default: openclaw.yml in the state folder)", toFile)
    .option("-p, --port <number>", "port to listen on (default: as configured, else 3000 or the next free one)", toPort)
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    .option("--json", "print what was done as JSON")
    .action(async (options: InstallOptions) => {
      await findSupervisor(machine).demand();
      // A folder that is there has one name, however it is written.
      makeStateFolder(toStateDir(options.state));
      const { stateDir, name, supervisor } = look(options.state);
      const { workspace: workspaces = [], config, port } = options;
      const { platform, env } = machine;
      const made = toGatewayService({ stateDir, usualStateDir, workspaces, config, port, program, platform, env });
      await supervisor.install(made);
      await keepServiceRecord(stateDir, made);
      const { notes } = await supervisor.look(name);
      const keys = leftOutKeys(env, configText(stateDir, config), serviceEnvFile(stateDir));
      const place = supervisor.place(name);
      const printer = createPrinter(io, options.json === true);
      printer.result({ name, place, stateDir, envFile: serviceEnvFile(stateDir), leftOutKeys: keys, notes }, () => {
        printer.line(`${name} is installed with ${supervisor.title}, as ${place}, and started.`);
        for (const note of notes) printer.line(note);
        if (keys.length > 0)
          printer.line(
            `It does not have ${keys.join(", ")} of this shell: put each as NAME=value into ${serviceEnvFile(stateDir)}, readable by you alone (mode 600), and install it again.`,
          );
        printer.line("How it does: pincer service status");
      });
    });

  const uninstall = new Command("uninstall")
    .description("stop the service and take it out; the state folder stays as it is")
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    .option("--json", "print what was done as JSON")
    .action(async (options: { state?: string; json?: boolean }) => {
      const { stateDir, name, supervisor } = look(options.state);
      const leader = findLeader(stateDir, await supervisor.look(name));
      if (!(await supervisor.uninstall(name)))
        throw new AppError("not_found", `No service ${name} is installed with ${supervisor.title}`);
      await dropServiceRecord(stateDir);
      const left = leader?.isService && !(await hasEnded(leader.pid, machine.patienceMs)) ? leader.pid : null;
      const printer = createPrinter(io, options.json === true);
      printer.result({ name, stateDir, left }, () => {
        printer.line(`${name} is stopped and taken out. Sessions, jobs and settings stay in ${stateDir}.`);
        if (left !== null) printer.line(`Its process ${left} has not ended, and has to be ended by hand.`);
      });
    });

  const status = new Command("status")
    .description("say whether the service is installed and runs, and which gateway leads")
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    .option("--json", "print it as JSON")
    .action(async (options: { state?: string; json?: boolean }) => {
      const { stateDir, name, supervisor } = look(options.state);
      tellStatus(io, { stateDir, name, supervisor, state: await supervisor.look(name) }, options.json === true);
    });

  return new Command("service")
    .description("keep a gateway running while no editor is open")
    .addCommand(install)
    .addCommand(uninstall)
    .addCommand(status);
}

interface Status {
  stateDir: string;
  name: string;
  supervisor: Supervisor;
  state: ServiceState;
}

function tellStatus(io: Io, { stateDir, name, supervisor, state }: Status, isJson: boolean): void {
  const { isInstalled, isRunning, pid, notes } = state;
  const leader = findLeader(stateDir, state);
  const missing = isInstalled ? missingPlaces(stateDir) : [];
  const log = logPath(stateDir);
  const printer = createPrinter(io, isJson);
  const answer = { name, installed: isInstalled, running: isRunning, state: state.state, leader, missing, log, notes };
  printer.result({ ...answer, ...defined({ pid }), place: supervisor.place(name) }, () => {
    printer.facts([
      ["service", `${name}, with ${supervisor.title}`],
      ["installed", isInstalled ? supervisor.place(name) : "no; install it with: pincer service install"],
      // Why the system tells nothing matters only of one that is there.
      [
        "running",
        !isInstalled && !isRunning
          ? "no"
          : `${isRunning ? "yes" : "no"}, ${state.state}${pid === undefined ? "" : `, process ${pid}`}`,
      ],
      ["gateway", toSentence(leader, isRunning)],
      ["log", log],
    ]);
    for (const note of notes) printer.line(note);
    for (const place of missing)
      printer.line(`It is started with ${place}, which is not there any more; install it again.`);
  });
}

/** Whether a process has ended, or does within its time to stop. */
async function hasEnded(pid: number, patienceMs: number): Promise<boolean> {
  for (const until = performance.now() + patienceMs; performance.now() < until;) {
    if (!isAlive(pid)) return true;
    await wait(100);
  }
  return !isAlive(pid);
}

interface Leader {
  url: string;
  pid: number;
  /** As in "Visual Studio Code"; absent of earlier versions. */
  owner?: string;
  isService: boolean;
}

/** Who serves on the state folder; null when nobody does. */
function findLeader(stateDir: string, { isRunning, pid: own }: ServiceState): Leader | null {
  const running = readGatewayFile(stateDir);
  if (!running || !isAlive(running.pid)) return null;
  const { url, pid, owner } = running;
  // Where the system does not tell the service's process, its name is all there is.
  return {
    url,
    pid,
    ...defined({ owner }),
    isService: isRunning && (own === undefined ? owner === STANDBY_NAME : own === pid),
  };
}

function toSentence(leader: Leader | null, isRunning: boolean): string {
  if (!leader) return isRunning ? "none serves yet" : "none runs";
  const { url, pid, owner, isService } = leader;
  if (isService) return `the service leads, at ${url}`;
  const waits = isRunning ? "; the service waits for its turn" : "";
  return `${owner ?? "another one"} (process ${pid}) leads, at ${url}${waits}`;
}

function configText(stateDir: string, file: string | undefined): string {
  const read = readConfigText(findConfig({ stateDir, ...defined({ file }) }).user);
  return "text" in read ? read.text : "";
}
