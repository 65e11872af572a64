import type { Core } from "../../core/core.ts";
import type { ClosedFiles } from "../../core/ports/folders.ts";
import { deniedReading } from "../../rules/deniedReading.ts";
import { secretReason } from "../../rules/secretReason.ts";
import type { Rights } from "../calls/scope.ts";

/**
 * The files whose texts a call is not told: those that the tool `read` would refuse, or ask about. Scope admin may have
 * them all; nobody is there to be asked for another token.
 */
export function closedTo(scope: Rights, core: Pick<Core, "settings">): ClosedFiles | undefined {
  if (scope === "admin") return undefined;
  return async (real, folder) =>
    (await secretReason(folder, real)) !== undefined ||
    deniedReading(core.settings(folder).rules ?? [], real, folder) !== undefined;
}
