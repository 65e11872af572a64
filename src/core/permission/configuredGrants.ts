import { isChannel } from "../../protocol/outside/channelNames.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { AgentSettings } from "../ports/settings.ts";
import { tokenNow } from "./grantLists.ts";

/**
 * The lists of grants that the configuration has now where it gave a run its own: those of its webhook, of each chat of its
 * channel, of its token. Undefined where it gave none, as where somebody granted them who may answer approvals.
 */
export function configuredGrants(
  { grants, origin }: Pick<RunRecord, "grants" | "origin">,
  settings: Pick<AgentSettings, "tokens" | "ownToken" | "webhooks" | "chats">,
): Rule[][] | undefined {
  const { webhooks = {}, chats = {} } = settings;
  const { via, id = "" } = origin;
  const token = tokenNow(origin, settings);
  // Who may answer approvals may grant what they like.
  if (token) return grants !== undefined && token.scope === "admin" ? undefined : [token.grants ?? []];
  if (grants === undefined) return undefined;
  if (via === "webhook") return [(Object.hasOwn(webhooks, id) ? webhooks[id] : undefined) ?? []];
  if (isChannel(via)) return chats[via] ?? [];
  return undefined;
}
