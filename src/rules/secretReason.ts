import { lstat } from "node:fs/promises";
import { linkedSecrets } from "./linkedSecrets.ts";
import { protectedReason } from "./protectedPath.ts";

/**
 * Why a file may not be read unasked: for its own name, or for another that it has in the workspace. Takes a real path; of many
 * files what they are `linked` to is looked for once.
 */
export async function secretReason(
  workspace: string,
  real: string,
  linked = linkedSecrets(workspace),
): Promise<string | undefined> {
  const reason = protectedReason(real, "read");
  if (reason !== undefined) return reason;
  const stat = await lstat(real, { bigint: true }).catch(() => undefined);
  return stat && (await linked(stat));
}
