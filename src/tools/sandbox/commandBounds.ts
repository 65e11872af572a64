import { AppError } from "../../base/appError.ts";
import type { CommandPolicy } from "../../core/ports/commandPolicy.ts";
import type { Consent } from "../../core/ports/tool.ts";
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

/** How far a command may go that runs in a sandbox, by what let it run. */
export function commandBounds(
  consent: Consent | undefined,
  { access, policy, isProtected }: { access: Access; policy: CommandPolicy; isProtected: boolean },
): Bounds {
  if (consent === "person" || consent === "allowance") {
    // Who was asked was shown all of the command, and where it would run.
    if (access === "machine") return { strength: "unbound" };
    return { strength: "working", network: true, protectedShown: isProtected };
  }
  if (consent === "mode" || consent === "rule")
    return { strength: "working", network: policy.hosts.includes("*"), protectedShown: false };
  return { strength: "reading" };
}

/** What is asked about even where nothing else is: more than the working sandbox gives. */
export function widerReason(policy: CommandPolicy | undefined, access: Access): string | undefined {
  if (access === "machine") return "runs outside of the sandbox";
  return access === "network" && !policy?.hosts.includes("*") ? "wants the network, which no rule grants" : undefined;
}

/** Where a command would run once it is allowed, for whoever is asked. */
export function boundsWords(access: Access): string {
  return access === "machine"
    ? "outside of the sandbox"
    : "in the sandbox: it may write in the workspace and use the network";
}

/** For the model: why a command may have failed, and what it may ask for; "" when its bounds have nothing to do with it. */
export function boundsHint(bounds: Bounds, output: string): string {
  if (bounds.strength === "unbound" || !REFUSALS.test(output)) return "";
  if (bounds.strength === "reading")
    return '\n[It ran where nothing can be changed, no network is and secrets are hidden. If that is why it failed, call again with access "write" or "network", which asks for approval.]';
  if (bounds.network)
    return '\n[It ran in a sandbox that may only write in the workspace, protected files left out. If that is why it failed, call again with access "machine", which asks for approval.]';
  return '\n[It ran in a sandbox without network that may only write in the workspace. If that is why it failed, call again with access "network", which asks for approval.]';
}

const REFUSALS =
  /read-only file system|EROFS|permission denied|EACCES|operation not permitted|EPERM|network is unreachable|ENETUNREACH|could ?n[o']t? resolve|ENOTFOUND|EAI_AGAIN|name resolution|no such file or directory|ENOENT|device or resource busy|EBUSY|connection refused|ECONNREFUSED|not a git repository|bad object/i;
