import { AppError } from "../../base/appError.ts";
import { ProtectedScan } from "./protectedScan.ts";
import type { Program, Sandbox } from "./sandbox.ts";

/** How far a command may go. "unbound" is outside of any sandbox. */
export type Bounds =
  | { strength: "reading" }
  | {
      strength: "working";
      network: boolean;
      /** A person was shown the protected paths that the command names, and said yes. */
      protectedShown: boolean;
    }
  | { strength: "unbound" };

const scan = new ProtectedScan();

/** The program that runs `program` within bounds. Rejects with `unavailable` when the workspace is too large to be searched for secrets. */
export async function confine(
  program: Program,
  bounds: Exclude<Bounds, { strength: "unbound" }>,
  { sandbox, workspace, env }: { sandbox: Sandbox; workspace: string; env: Record<string, string> },
): Promise<Program> {
  const found = await scan.find(workspace);
  if (!found) throw new AppError("forbidden", `${workspace} has too many folders to hide what is protected in it`);
  const isShown = bounds.strength === "working" && bounds.protectedShown;
  return await sandbox.confine(
    program,
    {
      workspace,
      strength: bounds.strength,
      network: bounds.strength === "working" && bounds.network,
      // What git keeps is only hidden from what nobody looked at: a commit needs it.
      hidden: isShown ? [] : found.secrets.filter(({ isGit }) => bounds.strength === "reading" || !isGit),
      fixed: isShown ? [] : found.fixed,
    },
    env,
  );
}
