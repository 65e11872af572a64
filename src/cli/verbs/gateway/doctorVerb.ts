import { resolve } from "node:path";
import { Command } from "commander";
import { describeError } from "../../../base/log.ts";
import { AppError, isAppError } from "../../../base/appError.ts";
import { isAlive } from "../../../base/isAlive.ts";
import { defined } from "../../../base/defined.ts";
import { findStateDir, type GatewayFile, readGatewayFile } from "../../../config/stateFolder.ts";
import type { Check, Checkup, Finding } from "../../doctor/check.ts";
import type { Verb } from "../../terminal/clientVerb.ts";
import { toAddress } from "../../../client/gatewayAddress.ts";
import { createRestClient } from "../../../client/restClient.ts";
import type { Io } from "../../terminal/io.ts";
import { createPrinter, type Printer } from "../../terminal/printer.ts";
import { toFolder, toFolderPath } from "../../terminal/givenPlaces.ts";

interface DoctorOptions {
  config?: string;
  workspace?: string;
  state?: string;
  json?: boolean;
}

interface CheckAnswer extends Finding {
  check: string;
}

export const doctor: Verb = (io) => {
  const command = new Command("doctor")
    .description("look for what keeps Pincer from working, and say how to mend it")
    .option("-c, --config <file>", "configuration (default: openclaw.yml in the state folder)")
    .option("-w, --workspace <dir>", "also look at this folder's openclaw.yml", toFolder)
    .option("--state <dir>", "state folder (default: PINCER_HOME, else ~/.pincer)", toFolderPath)
    .option("--json", "print the findings as JSON");
  return command.action(async (options: DoctorOptions) => {
    // Not at the top: reading a configuration takes longer to load than all else that verbs need.
    const checks = await import("../../doctor/index.ts");
    const checkup = await openCheckup(options, io.env);
    const findings: CheckAnswer[] = [];
    for (const check of Object.values(checks)) {
      for (const finding of await runCheck(check, checkup)) findings.push({ check: check.name, ...finding });
    }
    const printer = createPrinter(io, options.json === true);
    const faults = findings.filter((finding) => finding.level === "broken").length;
    printer.result({ ok: faults === 0, findings }, () => show(findings, printer));
    if (faults > 0)
      throw new AppError("unavailable", faults === 1 ? "One thing is broken" : `${faults} things are broken`);
  });
};

async function openCheckup({ config: file, workspace, state }: DoctorOptions, env: Io["env"]): Promise<Checkup> {
  const [{ findConfig }, { readConfig }, { defaultConfig }] = await Promise.all([
    import("../../../config/findConfig.ts"),
    import("../../../config/readConfig.ts"),
    import("../../../config/configSchema.ts"),
  ]);
  const stateDir = state ? resolve(state) : findStateDir(env);
  const workspaces = workspace ? [workspace] : [];
  const files = findConfig({ stateDir, workspaces, ...defined({ file: file || undefined }) });
  const reading = readConfig(files, { env });
  const running = readRunning(stateDir);
  return {
    stateDir,
    env,
    configFile: files.user,
    reading,
    config: reading.config ?? defaultConfig(),
    ...defined({ running }),
    ...(running?.nonce ? { client: createRestClient(toAddress(running)) } : {}),
  };
}

/** What others can read is the state folder check's to tell. */
function readRunning(stateDir: string): GatewayFile | undefined {
  try {
    const running = readGatewayFile(stateDir);
    return running && isAlive(running.pid) ? running : undefined;
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/** A check that fails is a finding, and the others still run. */
async function runCheck(check: Check, checkup: Checkup): Promise<Finding[]> {
  try {
    return await check.run(checkup);
  } catch (error) {
    return [{ level: "broken", text: describeError(error) }];
  }
}

const MARKS = { ok: "ok", warning: "warning", broken: "BROKEN" };

function show(findings: CheckAnswer[], printer: Printer): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, level, text, fix } of findings) {
    printer.line(`${check.padEnd(width)}  ${MARKS[level].padEnd(7)}  ${text}`);
    if (fix !== undefined) printer.line(`${" ".repeat(width + 11)}${fix}`);
  }
}
