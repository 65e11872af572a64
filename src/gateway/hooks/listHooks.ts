import { toTemplate } from "../../base/input/payloadTemplate.ts";
import type { Hook, ListedHook } from "../../protocol/hooks/hook.ts";
import { HOOKS } from "./hookDoor.ts";
import { formOf } from "./hookProof.ts";

/** The webhooks as people and clients may see them. */
export function listHooks(hooks: Record<string, Hook>): ListedHook[] {
  return Object.entries(hooks).map(([name, hook]) => ({
    name,
    path: `${HOOKS}/${name}`,
    proof: hook.hmac ? formOf(hook.hmac) : "token",
    header: hook.hmac ? hook.hmac.header.toLowerCase() : "authorization",
    ...workOf(name, hook),
    paths: toTemplate(hook.message ?? hook.event ?? "").paths,
  }));
}

function workOf(name: string, { jobId, event, sessionTarget = "isolated" }: Hook): Pick<ListedHook, "does" | "target"> {
  if (name === "wake") return { does: "wake", target: "main" };
  if (name === "agent") return { does: "agent", target: sessionTarget };
  if (jobId !== undefined) return { does: "job", target: jobId };
  return { does: event === undefined ? "message" : "event", target: sessionTarget };
}
