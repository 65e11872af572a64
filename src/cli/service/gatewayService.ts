import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { AppError } from "../../base/appError.ts";
import { GATEWAY_NAME } from "../../base/text/gatewayName.ts";
import { valueOf } from "../../base/findProgram.ts";
import { realPath } from "../../base/files/realPath.ts";
import type { Service } from "./service.ts";

/** What a gateway that waits for its turn is called. */
export const STANDBY_NAME = `${GATEWAY_NAME} --standby`;

/** The program that a service is made of: how this very process was started. */
export interface OwnProgram {
  /** Node.js, or an editor's executable that is one when told to be. */
  node: string;
  cli: string;
  isEditor: boolean;
}

export interface GatewayServiceOptions {
  stateDir: string;
  /** The one that is used when none is named. */
  usualStateDir: string;
  workspaces: string[];
  config?: string | undefined;
  port?: number | undefined;
  program: OwnProgram;
  platform: NodeJS.Platform;
  env: Record<string, string | undefined>;
}

/** The name of the service that keeps a gateway on a state folder. */
export function serviceName(stateDir: string, usualStateDir: string): string {
  const real = realPath(stateDir);
  if (real === realPath(usualStateDir)) return "pincer";
  return `pincer-${createHash("sha256").update(real).digest("hex").slice(0, 8)}`;
}

/** The file of variables that only the service has, keys among them. */
export function serviceEnvFile(stateDir: string): string {
  return join(stateDir, "service.env");
}

/** A service that runs `pincer gateway` over a state folder. What cannot be written into it is `unavailable`, in a sentence. */
export function toGatewayService(options: GatewayServiceOptions): Service {
  const { stateDir, usualStateDir, workspaces, config, port, env, platform } = options;
  const { words, variables } = startOf(options);
  const given = [
    ...["gateway", "--standby", "--state", stateDir, "--variables", serviceEnvFile(stateDir)],
    ...workspaces.flatMap((folder) => ["--workspace", folder]),
    ...(config === undefined ? [] : ["--config", config]),
    ...(port === undefined ? [] : ["--port", String(port)]),
  ];
  const service = {
    name: serviceName(stateDir, usualStateDir),
    words: [...words, ...given],
    env: { PATH: soundPath(env), ...plain(env), ...variables, ...(platform === "linux" ? LEAN : {}) },
    errors: join(stateDir, "logs", "service.log"),
  };
  const torn = [...service.words, ...Object.values(service.env)].find((text) => hasControls(text));
  if (torn !== undefined)
    throw new AppError("unavailable", `${JSON.stringify(torn)} has a control character, which no service can be given`);
  return service;
}

function startOf(options: GatewayServiceOptions): { words: string[]; variables: Record<string, string> } {
  const { stateDir, usualStateDir, program, platform } = options;
  const { node, cli, isEditor } = program;
  const command = platform === "win32" ? "pincer.cmd" : "pincer";
  // Written anew whenever the extension moves, so it outlives an update as neither of the two below does.
  const written = [stateDir, usualStateDir]
    .map((folder) => join(folder, "bin", command))
    .find((file) => existsSync(file));
  if (isEditor && written !== undefined) return { words: [written], variables: {} };
  for (const [what, file] of [
    ["Node.js", node],
    ["Pincer", cli],
  ] as const) {
    if (!existsSync(file)) throw new AppError("unavailable", `${what} is not at ${file} any more; start pincer anew`);
    const passing = PASSING.find((part) => file.includes(part));
    if (passing !== undefined)
      throw new AppError("unavailable", `${what} runs from ${file}, which is gone when it ends; install it first`);
  }
  if (isEditor && platform === "win32")
    throw new AppError(
      "unavailable",
      `There is no ${command} in ${join(usualStateDir, "bin")}; open the editor once with Pincer in it`,
    );
  return { words: [node, cli], variables: isEditor ? { ELECTRON_RUN_AS_NODE: "1" } : {} };
}

// Linux keeps apart what each thread once took, and gives little of it back. It can be told so at the start of a process alone.
const LEAN = { MALLOC_ARENA_MAX: "2" };

// AppImages, programs that macOS runs from elsewhere until they are moved, and packages that were never installed.
const PASSING = ["/tmp/.mount_", "/AppTranslocation/", "/_npx/", "\\_npx\\"];

/** Without what is no whole path: it would be of whichever folder the service happens to start in. */
function soundPath(env: Record<string, string | undefined>): string {
  const folders = (valueOf(env, "PATH") ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return [...new Set(folders)].join(delimiter);
}

/** What holds no secret and has to be there when Node.js starts. */
function plain(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    ["LANG", "LC_ALL", "TZ", "NODE_EXTRA_CA_CERTS"].flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  ) as Record<string, string>;
}

function hasControls(text: string): boolean {
  return /[\u0000-\u001f\u007f\ufffe\uffff]/.test(text);
}
