import type { ToolContext } from "../../core/ports/tool.ts";
import { deniedReading } from "../../rules/deniedReading.ts";
import { givenRules } from "../../rules/reach.ts";
import { secretReason } from "../../rules/secretReason.ts";

type Reader = Pick<ToolContext, "workspace" | "commands">;

/** Why a call is not given a file's text unasked: a rule denies it to be read, or it may hold secrets. Takes a real path. */
export async function closedReason(context: Reader, real: string): Promise<string | undefined> {
  return deniedReason(context, real) ?? (await secretReason(context.workspace, real));
}

/** The rule that denies a call the text of a file, whoever would be asked; undefined where none does. */
export function deniedReason({ workspace, commands }: Reader, real: string): string | undefined {
  return deniedReading(givenRules(commands), real, workspace);
}
