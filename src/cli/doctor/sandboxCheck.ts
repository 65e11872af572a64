import { sandboxState } from "../../app/sandboxState.ts";
import { broken, type Check, ok, warning } from "./check.ts";

export const sandbox: Check = {
  name: "Sandbox",
  async run({ config }) {
    const mode = config.agent.sandbox;
    if (mode === "off") return [warning('Commands run without bounds: agent.sandbox is "off"', 'Set it to "auto"')];
    const state = await sandboxState();
    if (state.holds) return [ok(`Commands run in ${state.kind}`)];
    const fix = "docs/permissions.md says how to get one";
    return mode === "required"
      ? [broken(`No command runs: agent.sandbox is "required", and ${state.reason}`, fix)]
      : [warning(`Commands that are allowed run without bounds: ${state.reason}`, fix)];
  },
};
