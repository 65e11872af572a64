import { visibleLine } from "../../base/text/visible.ts";
import { AppError } from "../../base/appError.ts";
import type { CommandPolicy } from "../../core/ports/commandPolicy.ts";
import type { Consent } from "../../core/ports/tool.ts";
import { reachOf } from "../../rules/reach.ts";
import type { Bounds } from "./confine.ts";
import type { FoundSandbox, Sandbox } from "./sandbox.ts";

/** What a command says it needs: to read, to write in the workspace, the network too, or all that its user may. */
export type Access = "read" | "write" | "network" | "machine";

/** The sandbox that commands run in; undefined for none. Rejects with `forbidden` when it is required and there is none. */
export function sandboxFor(policy: CommandPolicy | undefined, found: FoundSandbox): Sandbox | undefined {
  if (!policy || policy.sandbox === "off") return undefined;
  if (found.sandbox) return found.sandbox;
  if (policy.sandbox === "auto") return undefined;
  throw new AppError("forbidden", `agent.sandbox is "required", and there is no sandbox: ${found.reason}`);
}

/** Whether a command is only let read, and so need not be asked about: it changes nothing and sees no secret. */
export function isReading(policy: CommandPolicy | undefined, sandbox: Sandbox | undefined, access: Access): boolean {
  return sandbox !== undefined && policy?.approvals === "auto-safe" && access === "read";
}

/** What a call says that it needs. */
export interface Need {
  access: Access;
  /** Of the network: only these; all of it when empty. */
  hosts?: string[];
}

/** How far a line may go that runs in a sandbox, by what let it run. */
export function commandBounds(
  line: string,
  consent: Consent | undefined,
  { access, hosts = [], policy }: Need & { policy: CommandPolicy },
): Bounds {
  const { allowed, denied } = reachOf(line, policy);
  // Who was asked was shown all of the command, where it would run and what it would reach.
  if (consent === "person" && access === "machine") return { strength: "unbound" };
  if (consent === "person" || consent === "allowance") {
    // In a rehearsal the network is asked for by its name, as it would have to be granted.
    const isAll = consent === "person" && (!policy.rehearsed || access === "network");
    const shown = hosts.length > 0 ? hosts : isAll ? ["*"] : [];
    return {
      strength: "working",
      network: { allowed: [...allowed, ...shown], denied },
      seen: consent === "person" ? line : "",
      isUnseen: isUnseen(consent),
    };
  }
  if (consent === "mode" || consent === "rule")
    return {
      strength: "working",
      network: { allowed: [...allowed, ...hosts], denied },
      seen: "",
      isUnseen: true,
    };
  return { strength: "reading" };
}

/** Whether nobody looked at this very call: a rule and an allowance see a command's words, and not what it makes of the scripts that others run. */
export function isUnseen(consent: Consent | undefined): boolean {
  return consent === "mode" || consent === "rule" || consent === "allowance";
}

/** The hosts that a command says it will reach, as the rules call them; [] when it needs none. */
export function wantedHosts({ access, hosts = [] }: Need): string[] {
  if (access !== "network" && access !== "machine") return [];
  return hosts.length > 0 && access === "network" ? hosts : ["*"];
}

/** Where a command would run once it is allowed, for whoever is asked. */
export function boundsWords({ access, hosts = [] }: Need, denied: string[] = [], isRehearsed = false): string {
  if (access === "machine") return "outside of the sandbox";
  if (isRehearsed && access !== "network")
    return "in the sandbox: it may write in the workspace, and reach what the job was granted";
  const but = denied.length === 0 ? "" : `, but for ${denied.join(", ")}`;
  const reached = hosts.length > 0 ? `reach ${hosts.join(", ")}` : "use the network";
  return `in the sandbox: it may write in the workspace and ${reached}${but}`;
}

/** For the model: why a command may have failed, and what it may ask for; "" when its bounds have nothing to do with it. */
export function boundsHint(bounds: Bounds, output: string): string {
  if (bounds.strength === "unbound" || !REFUSALS.test(output)) return "";
  if (bounds.strength === "reading")
    return '\n[It ran where nothing can be changed, no network is and secrets are hidden. If that is why it failed, call again with access "write" or "network", which asks for approval.]';
  if (HELD.test(output))
    return "\n[In the sandbox a folder with something protected in it cannot be moved or removed, nor a file be renamed from or to one: copy it (mv does). A command that names the folder may move it once a person allowed it.]";
  if (bounds.network.allowed.length > 0)
    return '\n[It ran in a sandbox that may only write in the workspace, protected files left out. If that is why it failed, call again with access "machine", which asks for approval.]';
  return '\n[It ran in a sandbox without network that may only write in the workspace. If that is why it failed, call again with access "network" and the hosts it needs, which asks for approval.]';
}

/** For the model: what a command wanted to reach and may not; "" for nothing. */
export function refusalLine(refusals: ReadonlyMap<string, string>): string {
  const rows = [...refusals].map(([host, reason]) => ({
    host: visibleLine(host, 100),
    reason: visibleLine(reason, 200),
  }));
  if (rows.length === 0) return "";
  const told = rows.slice(0, MAX_TOLD).map(({ reason }) => reason);
  const more = rows.length > MAX_TOLD ? `; and ${rows.length - MAX_TOLD} more` : "";
  const wanted = rows.filter(({ reason }) => reason.endsWith("is not granted")).slice(0, MAX_TOLD);
  const asking = wanted.map(({ host }) => JSON.stringify(host)).join(", ");
  const how = wanted.length === 0 ? "" : ` To ask for it, call again with access "network" and hosts [${asking}].`;
  return `\n[The network was refused: ${told.join("; ")}${more}.${how}]`;
}

/** For whoever grants rights to a run with nobody there: what a command was refused of the network; undefined for nothing. */
export function lackedHosts(line: string, refusals: ReadonlyMap<string, string>): string | undefined {
  const hosts = [...refusals].flatMap(([host, reason]) => (reason.endsWith("is not granted") ? [host] : []));
  if (hosts.length === 0) return undefined;
  const shown = hosts.slice(0, MAX_LACKED).map((host) => visibleLine(host, 100));
  const more = hosts.length > MAX_LACKED ? ` and ${hosts.length - MAX_LACKED} more` : "";
  return `run ${visibleLine(line, 200)}, reaching ${shown.join(" and ")}${more}`;
}

const MAX_TOLD = 5;
const MAX_LACKED = 20;

const HELD = /device or resource busy|EBUSY|cross-device link|EXDEV/i;

const REFUSALS =
  /read-only file system|EROFS|permission denied|EACCES|operation not permitted|EPERM|network is unreachable|ENETUNREACH|could ?n[o']t? resolve|ENOTFOUND|EAI_AGAIN|name resolution|no such file or directory|ENOENT|device or resource busy|EBUSY|cross-device link|EXDEV|connection refused|ECONNREFUSED|not a git repository|bad object/i;
