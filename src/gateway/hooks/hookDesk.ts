import { AppError } from "../../base/appError.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { Core } from "../../core/core.ts";
import type { DeliveryAnswer, Hook } from "../../protocol/hooks/hook.ts";
import type { HookDesk, HookTrial } from "../calls/route.ts";
import type { NamedHook } from "./hookGate.ts";
import { listHooks } from "./listHooks.ts";
import { readAgent, readWake } from "./openclawBody.ts";
import { fillHook, performHook } from "./performHook.ts";

/** Over the webhooks as the configuration has them now. */
export function createHookDesk(core: Core, hooks: () => Record<string, Hook>): HookDesk {
  return {
    list: () => listHooks(hooks()),
    async test(name, { payload, send }, keep) {
      const all = hooks();
      const hook = Object.hasOwn(all, name) ? all[name] : undefined;
      if (!hook) {
        const names = Object.keys(all).join(", ") || "none";
        throw new AppError("not_found", `No webhook is named ${quotedLine(name)}; there are: ${names}`);
      }
      const named = { name, hook };
      const { text, missing } = toText(named, payload);
      const toTrial = (delivery: DeliveryAnswer | null): HookTrial => ({
        ...{ hook: listHooks({ [name]: hook })[0]!, text, missing },
        delivery,
      });
      if (!send) return toTrial(null);
      return toTrial((await performHook(core, named, payload, (delivery) => keep(toTrial(delivery)))).answer);
    },
  };
}

function toText(named: NamedHook, payload: unknown): { text: string | null; missing: string[] } {
  if (named.name === "agent") return { text: readAgent(payload).body.message, missing: [] };
  if (named.name === "wake") return { text: readWake(payload).text, missing: [] };
  return named.hook.jobId === undefined ? fillHook(named, payload) : { text: null, missing: [] };
}
