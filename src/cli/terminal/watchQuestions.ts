import { type Disposable, toDisposable } from "../../base/disposable.ts";
import type { RestClient } from "../../client/restClient.ts";
import type { Approval } from "../../protocol/approval.ts";
import { toAnswerWords, toApprovalText } from "./approvalText.ts";
import type { ClientCall } from "./clientVerb.ts";
import type { Printer } from "./printer.ts";

const LOOK_MS = 1_500;

/** Ids of what a person was told of. */
export type ToldQuestions = Set<string>;

/** Says of each question, once, that it waits, and how to answer: those of a session and of all its sub-agents, or of any. */
export function watchQuestions(
  { client, printer, clock }: Pick<ClientCall<unknown>, "client" | "printer" | "clock">,
  { sessionKey, told }: { sessionKey?: string; told: ToldQuestions },
): Disposable {
  const over = new AbortController();
  const { signal } = over;
  let timer: Disposable | undefined;
  const look = async () => {
    const { approvals } = await client.get("approvals.list", {}, signal);
    const isNew = approvals.filter(({ id }) => !told.has(id));
    const own = sessionKey === undefined ? undefined : await treeOf({ client, signal }, sessionKey, isNew);
    // Nobody waits any more.
    if (signal.aborted) return;
    for (const approval of isNew) {
      told.add(approval.id);
      if (!own || own.has(approval.sessionKey)) await tellQuestion(printer, approval, sessionKey);
    }
  };
  const lookSoon = () => {
    if (signal.aborted) return;
    // Whether the wait itself goes well is told by the wait.
    timer = clock.at(
      clock.now() + LOOK_MS,
      () =>
        void look()
          .catch(() => {})
          .then(lookSoon),
    );
  };
  lookSoon();
  return toDisposable(() => {
    over.abort();
    timer?.dispose();
  });
}

/** Says that a call waits, what it would do, and how to answer; of a session other than the one that is waited for, which. */
export async function tellQuestion(printer: Printer, approval: Approval, sessionKey?: string): Promise<void> {
  const where = approval.sessionKey === sessionKey ? "" : ` in ${approval.sessionKey}`;
  const text = await toApprovalText(approval);
  printer.note(`Waits for approval of ${approval.tool}${where} (${approval.reason}):`);
  printer.note(`${text}\n${toAnswerWords(approval)}`);
}

async function treeOf(
  { client, signal }: { client: RestClient; signal: AbortSignal },
  sessionKey: string,
  asked: Approval[],
): Promise<Set<string>> {
  if (asked.every((approval) => approval.sessionKey === sessionKey)) return new Set([sessionKey]);
  const { subagents } = await client.get("subagents.list", { sessionKey }, signal);
  return new Set([sessionKey, ...subagents.map(({ key }) => key)]);
}
