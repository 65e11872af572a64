import { createHash } from "node:crypto";
import { BoundedMap } from "../../base/boundedMap.ts";
import { isChannel } from "../../protocol/outside/channelNames.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import type { Log } from "../../base/log.ts";
import { race, sleep } from "../../base/wait.ts";
import type { Approval } from "../../protocol/approval.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { SettingsNow } from "../ports/settings.ts";
import type { Holds } from "../ports/hold.ts";
import type { Store } from "../ports/store.ts";
import type { Journal } from "../state/journal.ts";
import type { BudgetExceeded, OverBudget } from "./budget.ts";
import { lineage } from "./findBudgets.ts";
import type { OpenQuestions } from "./openQuestions.ts";
import type { People } from "./people.ts";

/** Asks a person whether a run may go beyond a budget. */
export interface AskMore {
  /** Whether the budget was raised, so that the request may be tried again. False where nobody is there to ask, or the answer is no. */
  ask(error: BudgetExceeded, journal: Journal, signal: AbortSignal): Promise<boolean>;
}

export interface AskMoreOptions {
  questions: OpenQuestions;
  store: Store;
  holds: Holds;
  people: People;
  settings: SettingsNow;
  clock: Clock;
  log: Log;
}

const KEPT = 10_000;

export function createAskMore(options: AskMoreOptions): AskMore {
  // One question for a budget, however many runs of this process wait for the answer.
  const asking = new Map<string, Promise<boolean>>();
  // By the run that began it all: who said no to that is not asked by its sub-agents, too.
  const denied = new BoundedMap<string, true>(KEPT);
  return {
    async ask({ over }, journal, signal) {
      const lines = await lineage(journal.run, options.store);
      const first = lines.at(-1)!.run;
      const { approvals } = options.settings(journal.session?.workspace);
      if (approvals === "deny" || !(await isAttended(journal.run, first, options))) return false;
      const refused = `${first.id} ${over.record} ${over.limit}`;
      for (;;) {
        if (denied.has(refused)) return false;
        const under = asking.get(over.record);
        if (under) {
          // Its run may end before the answer: then the next one asks.
          const said = await race(under, signal).catch(() => undefined);
          signal.throwIfAborted();
          if (said === undefined) continue;
          if (!said) denied.set(refused, true);
          return said;
        }
        const question = alone(options, over, journal, signal);
        asking.set(over.record, question);
        question.catch(() => {}).finally(() => asking.delete(over.record));
        const said = await question;
        if (!said) denied.set(refused, true);
        return said;
      }
    },
  };
}

/** Somebody waits for it, or somebody is there who is told of approvals. */
async function isAttended(
  run: RunRecord,
  first: Pick<RunRecord, "origin">,
  { people }: AskMoreOptions,
): Promise<boolean> {
  if (run.attended === false) return false;
  const { via, rehearsal } = first.origin;
  return (
    via === "panel" ||
    via === "palette" ||
    via === "cli" ||
    via === "phone" ||
    isChannel(via) ||
    rehearsal === true ||
    (await people.areThere())
  );
}

const LOOK_MS = 500;
// Long enough for whoever waited for the answer to look.
const DENIED_MS = 60_000;

/** The question of all processes of the store: who comes later waits for the answer to the one that is open. */
async function alone(
  options: AskMoreOptions,
  over: OverBudget,
  journal: Journal,
  signal: AbortSignal,
): Promise<boolean> {
  const { holds, clock } = options;
  const [asking, denied] = [`asks for more ${over.record}`, `nothing more ${over.record} ${over.limit}`];
  const id = newId("ask");
  await holds.put({ id, keys: [asking], value: {} });
  try {
    let isFirst = true;
    while ((await holds.list([asking], id)).length > 0) {
      isFirst = false;
      await sleep(clock, LOOK_MS, signal);
    }
    if (!isFirst) {
      if (await isRaised(over, options)) return true;
      // Else its run may have ended before there was an answer.
      if ((await holds.list([denied])).length > 0) return false;
    }
    const said = await put(options, over, journal, signal);
    if (!said) await holds.put({ id: newId("ask"), keys: [denied], forMs: DENIED_MS, value: {} });
    return said;
  } finally {
    await holds.drop(id);
  }
}

async function isRaised({ record, unit, base, limit }: OverBudget, { store }: AskMoreOptions): Promise<boolean> {
  const [known] = await store.listBudgets([record]);
  return base + ((unit === "usd" ? known?.raisedUsd : known?.raisedTokens) ?? 0) > limit;
}

async function put(
  { questions, settings, clock }: AskMoreOptions,
  over: OverBudget,
  journal: Journal,
  signal: AbortSignal,
): Promise<boolean> {
  const approval = toQuestion(over, journal.run, clock.now(), settings(journal.session?.workspace).approvalTimeoutMs);
  const { callId, tool, summary, subject, reason } = approval;
  const ask = { summary, subject, reason, safe: false, protected: false, once: true as const };
  const call = { id: callId, name: tool, input: approval.raises };
  const { answer } = await questions.ask(approval, { ask, call, cwd: "", journal, signal });
  return answer.decision === "allow";
}

function toQuestion(over: OverBudget, run: RunRecord, now: number, timeoutMs: number): Approval {
  const { record, title, what, unit, limit, base, needed } = over;
  const more = unit === "usd" ? Math.max(base, upTo(needed - limit)) : Math.max(base, Math.ceil(needed - limit));
  const amount = unit === "usd" ? dollars(more) : `${more} tokens`;
  const text = `${amount} more for ${what}? ${title} has a budget of ${unit === "usd" ? dollars(limit) : `${limit} tokens`}, and the next request would go over it.`;
  return {
    id: newId("ap"),
    sessionKey: run.sessionKey,
    runId: run.id,
    callId: `budget_${createHash("sha256").update(`${record} ${unit} ${limit}`).digest("hex").slice(0, 16)}`,
    tool: "budget",
    summary: text,
    subject: { type: "other", text },
    reason: "has used its budget",
    hash: createHash("sha256")
      .update(JSON.stringify([record, unit, limit, more]))
      .digest("hex"),
    offers: [
      { decision: "allow", words: `${amount} more for ${what}` },
      { decision: "deny", words: "nothing more: what needs it ends as its budget says" },
    ],
    raises: { record, [unit]: more },
    createdAt: isoTime(now),
    expiresAt: isoTime(now + timeoutMs),
  };
}

/** Up to a whole cent; of less than that to two digits. */
function upTo(amount: number): number {
  const step = amount >= 0.01 ? 100 : 10 ** (1 - Math.floor(Math.log10(Math.max(amount, 1e-9))));
  return Math.ceil(amount * step - 1e-9) / step;
}

/** Exactly: what is shown is what is given. */
function dollars(amount: number): string {
  const exact = Number(amount.toPrecision(12));
  return `$${Number(exact.toFixed(2)) === exact ? exact.toFixed(2) : String(exact)}`;
}
