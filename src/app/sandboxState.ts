import type { SandboxState } from "../core/ports/commandPolicy.ts";
import { findSandbox } from "../tools/sandbox/findSandbox.ts";

/** Whether commands can be kept within bounds on this system, tried out once. */
export async function sandboxState(): Promise<SandboxState> {
  const found = await findSandbox();
  return found.sandbox ? { holds: true, kind: found.sandbox.kind } : { holds: false, reason: found.reason };
}
