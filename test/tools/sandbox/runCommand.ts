import type { CommandPolicy } from "../../../src/core/ports/commandPolicy.ts";
import type { Consent } from "../../../src/core/ports/tool.ts";
import { exec } from "../../../src/tools/execTool.ts";
import { toolContext } from "../toolContext.ts";

/** What a command says that nobody looked at, or that somebody allowed, with what its bounds did with it. */
export async function runCommand(
  folder: string,
  command: string,
  consent: Consent = "mode",
  own: Partial<CommandPolicy> = {},
): Promise<string> {
  const approvals = consent === "harmless" ? "auto-safe" : "auto";
  const policy: CommandPolicy = { approvals, sandbox: "auto", rules: [], grants: [], allowances: [], ...own };
  const prepared = await exec.prepare(exec.input.parse({ command }), toolContext(folder, { commands: policy }));
  return (await prepared.run(consent)).text;
}
