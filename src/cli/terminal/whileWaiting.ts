import { defined } from "../../base/defined.ts";
import type { RestClient } from "../../client/restClient.ts";
import type { ClientCall } from "./clientVerb.ts";
import { toInterruption } from "./interruption.ts";
import type { Printer } from "./printer.ts";
import { type ToldQuestions, watchQuestions } from "./watchQuestions.ts";

// Whoever wants to be done with it waits no longer than that.
const FIND_MS = 2000;

/**
 * Waits for a run of a session and says meanwhile what a person has to know: that it waits for an approval, and how to
 * answer; and after Ctrl+C, which ends the process, that it goes on.
 */
export async function whileWaiting<T>(
  call: Pick<ClientCall<unknown>, "client" | "printer" | "clock">,
  sessionKey: string,
  waiting: Promise<T>,
): Promise<T> {
  const { client, printer } = call;
  const told: ToldQuestions = new Set();
  const watching = watchQuestions(call, { sessionKey, told });
  const interrupted = () => {
    void findRun(client, sessionKey).then((runId) => {
      tellGoesOn(printer, runId, sessionKey);
    });
  };
  process.once("SIGINT", interrupted);
  try {
    return await waiting;
  } finally {
    watching.dispose();
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

/** The run that is waited for, where no other of the session could be it: who stops a run by its id is to stop their own. */
async function findRun(client: RestClient, sessionKey: string): Promise<string | undefined> {
  const soon = AbortSignal.timeout(FIND_MS);
  const found = await client.get("runs.list", { sessionKey, limit: 50 }, soon).catch(() => undefined);
  const atWork = (found?.runs ?? []).filter(({ state }) => state !== "finished");
  // A gateway whose nonce is not known takes this for a script.
  const own = ["cli", "api"].map((via) => atWork.filter(({ origin }) => origin.via === via));
  const [first, ...others] = own.find((runs) => runs.length > 0) ?? [];
  return others.length > 0 ? undefined : first?.runId;
}
