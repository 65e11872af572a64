import type { Core } from "../../core/core.ts";
import type { ClosedFiles } from "../../core/ports/folders.ts";
import { deniedReading } from "../../rules/deniedReading.ts";
import { linkedSecrets } from "../../rules/linkedSecrets.ts";
import { secretReason } from "../../rules/secretReason.ts";
import type { Rights } from "../calls/scope.ts";

/**
 * The files whose texts a call is not told: those that the tool `read` would refuse, or ask about. Scope admin may have
 * them all; nobody is there to be asked for another token.
 */
export function closedTo(scope: Rights, core: Pick<Core, "settings">): ClosedFiles | undefined {
  if (scope === "admin") return undefined;
  const linked = new Map<string, ReturnType<typeof linkedSecrets>>();
  return async (real, folder) => {
    const secrets = linked.get(folder) ?? linkedSecrets(folder);
    linked.set(folder, secrets);
    return (
      (await secretReason(folder, real, secrets)) !== undefined ||
      deniedReading(core.settings(folder).rules ?? [], real, folder) !== undefined
    );
  };
}
