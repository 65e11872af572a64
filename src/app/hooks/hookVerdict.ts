import { cutText } from "../../base/cutText.ts";
import type { HookEnd } from "../../protocol/hooks/ownHook.ts";
import { foreignDecision } from "./foreignDecision.ts";
import type { HookSaid } from "./hookCommand.ts";

export type HookVerdict = Pick<HookEnd, "outcome" | "reason">;

export const OK: HookVerdict = { outcome: "ok" };

export const failed = (reason: string): HookVerdict => ({ outcome: "failed", reason });

/** What a hook before a tool said: unknown is a failure, and a failure lets nothing pass. */
export function toVerdict({ fault, text, denied, cut }: HookSaid): HookVerdict {
  if (denied !== undefined) return toDenial(denied);
  if (fault !== undefined) return failed(fault);
  // What it decided may stand in what was not kept.
  if (cut !== undefined) return failed(cut);
  const said = text.trim();
  if (said.includes("\0")) return failed("What it said is no text in UTF-8");
  // Whoever stands before an address, and wants a login first.
  if (PAGE.test(said)) return failed("It answered with a page of HTML");
  if (said === "false") return failed("It said false, but no decision as JSON");
  // Some tell first what they do, and some tell all of it as JSON.
  const at = said.search(/^[ \t]*\{/m);
  if (at < 0) {
    const word = (DENIES.exec(said) ?? DECIDES.exec(said))?.[1];
    return word === undefined ? OK : failed(`It said ${JSON.stringify(word)}, but no decision as JSON`);
  }
  const whole = parse(said.slice(at));
  const all = whole === undefined ? linesOf(said) : [whole];
  if (all === undefined) return failed("What it said is not valid JSON");
  const verdicts = all.map(ofSaid);
  const worst = ["denied", "failed"].map((outcome) => verdicts.find((one) => one.outcome === outcome));
  return worst.find((one) => one !== undefined) ?? OK;
}

const PAGE = /^<(?:!doctype\s+html|html)\b/i;
const DENIES = /^\W*(den(?:y|ied)|block(?:ed)?|reject(?:ed)?|forbid(?:den)?)\b/i;
const DECIDES = /\b(decision)\b/i;

interface Said {
  decision?: unknown;
  reason?: unknown;
  // As hooks of other agents say it.
  continue?: unknown;
  stopReason?: unknown;
  block?: unknown;
  blockReason?: unknown;
  permission?: unknown;
  permissionDecision?: unknown;
  permissionDecisionReason?: unknown;
  updatedInput?: unknown;
  hookSpecificOutput?: { permissionDecision?: unknown; permissionDecisionReason?: unknown; updatedInput?: unknown };
}

const KNOWN: ReadonlySet<string> = new Set(["decision", "permission", "permissionDecision"]);

function parse(json: string): Said | undefined {
  try {
    return JSON.parse(json) as Said;
  } catch {
    return undefined;
  }
}

/** Of several lines each that is an object; undefined where one begins as one, and is none. */
function linesOf(text: string): Said[] | undefined {
  const all = text.split("\n").filter((line) => line.trimStart().startsWith("{"));
  const parsed = all.map(parse).filter((one) => one !== undefined);
  return parsed.length === all.length ? parsed : undefined;
}

function ofSaid(given: Said): HookVerdict {
  const { decision, permission, permissionDecision, hookSpecificOutput: other } = given;
  const reason = other?.permissionDecisionReason ?? given.permissionDecisionReason ?? given.blockReason ?? given.reason;
  if (given.continue === false) return toDenial(given.stopReason ?? reason);
  const said = [decision, permission, permissionDecision, other?.permissionDecision].filter((one) => one !== undefined);
  if (given.block === true || said.some((one) => one === "deny" || one === "block")) return toDenial(reason);
  const unknown = said.find((one) => one !== "allow" && one !== "approve");
  if (unknown !== undefined) return failed(`It said a decision that is none: ${cutText(JSON.stringify(unknown), 100)}`);
  if (given.updatedInput !== undefined || other?.updatedInput !== undefined)
    return failed("It wants the call changed, and a hook changes none");
  const foreign = foreignDecision(given, KNOWN);
  return foreign === undefined ? OK : failed(`It said ${cutText(foreign, 100)}, which is no decision here`);
}

function toDenial(reason: unknown): HookVerdict {
  const isSaid = typeof reason === "string" && reason.trim() !== "";
  return { outcome: "denied", reason: isSaid ? reason : "no reason was given" };
}
