import { lstat } from "node:fs/promises";
import { linkedSecrets } from "./linkedSecrets.ts";
import { protectedReason } from "./protectedPath.ts";

/** Why a file may not be read unasked: for its own name, or for another that it has in the workspace. Takes a real path. */
export async function secretReason(workspace: string, real: string): Promise<string | undefined> {
  const reason = protectedReason(real, "read");
  if (reason !== undefined) return reason;
  const stat = await lstat(real, { bigint: true }).catch(() => undefined);
  return stat && (await linkedSecrets(workspace)(stat));
}
