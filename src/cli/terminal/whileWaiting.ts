import { defined } from "../../base/defined.ts";
import type { RestClient } from "../../client/restClient.ts";
import { toAnswerWords, toApprovalText } from "./approvalText.ts";
import { toInterruption } from "./interruption.ts";
import type { Printer } from "./printer.ts";

const LOOK_MS = 1_500;

/**
 * Waits for a run of a session and says meanwhile what a person has to know: that it waits for an approval, and how to
 * answer; and after Ctrl+C, which ends the process, that it goes on.
 */
export async function whileWaiting<T>(
  { client, printer }: { client: RestClient; printer: Printer },
  sessionKey: string,
  waiting: Promise<T>,
): Promise<T> {
  const told = new Set<string>();
  const look = async () => {
    const { approvals } = await client.get("approvals.list", { sessionKey });
    for (const approval of approvals.filter(({ id }) => !told.has(id))) {
      told.add(approval.id);
      printer.note(`Waits for approval of ${approval.tool} (${approval.reason}):`);
      printer.note(`${await toApprovalText(approval)}\n${toAnswerWords(approval)}`);
    }
  };
  // Whether the wait itself goes well is told by the wait.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  const interrupted = () => {
    void findRun(client, sessionKey).then((runId) => {
      tellGoesOn(printer, runId, sessionKey);
    });
  };
  process.once("SIGINT", interrupted);
  try {
    return await waiting;
  } finally {
    clearInterval(timer);
    process.removeListener("SIGINT", interrupted);
  }
}

/** Says what Ctrl+C leaves behind, to programs too, and ends the process. */
export function tellGoesOn(printer: Printer, runId: string | undefined, sessionKey: string): void {
  const text = toGoesOn(runId, sessionKey);
  printer.note(text);
  if (printer.json) printer.result(toInterruption(text, { sessionKey, ...defined({ runId }) }), () => {});
  process.exit(130);
}

function toGoesOn(runId: string | undefined, sessionKey: string): string {
  if (!runId) return `\nWhat runs in ${sessionKey} goes on; see it with: pincer runs --session ${sessionKey}`;
  return `\nRun ${runId} goes on; see it with: pincer runs get ${runId}, stop it with: pincer runs cancel ${runId}`;
}

async function findRun(client: RestClient, sessionKey: string): Promise<string | undefined> {
  const found = await client.get("runs.list", { sessionKey, limit: 1 }).catch(() => undefined);
  return found?.runs[0]?.runId;
}
