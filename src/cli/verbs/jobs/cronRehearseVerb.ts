import { Command, InvalidArgumentError } from "commander";
import { AppError, fromErrorBody } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import type { RestClient } from "../../../client/restClient.ts";
import type { Approval } from "../../../protocol/approval.ts";
import type { RehearsalReport } from "../../../protocol/written/rehearsal.ts";
import { fateWords } from "./fateWords.ts";
import { type Asker, createAsker } from "../../terminal/asker.ts";
import { toAnswerWords, toApprovalText } from "../../terminal/approvalText.ts";
import { asClient, type ClientCall } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import type { Printer } from "../../terminal/printer.ts";
import { tellGoesOn } from "../../terminal/whileWaiting.ts";

type Take = "all" | "none" | number[];

interface RehearseOptions {
  grant?: Take;
  deliver?: boolean;
}

/** After which it is looked for questions again. */
const LOOK_SECONDS = 0.7;

/** `pincer cron rehearse ID`: answers at the terminal what the job asks, and at the end grants what is chosen. */
export function cronRehearse(io: Io): Command {
  const command = new Command("rehearse")
    .description("run a job now with you to ask, and grant it what it needs; it is no firing")
    .argument("<id>")
    .option("--grant <which>", "of what it asked: all that was allowed, none, or numbers such as 1,3", toTake)
    .option("--deliver", "send its result where firings send theirs");
  return asClient<RehearseOptions, [string]>(io, command, async (call, id) => {
    const { client, printer, options } = call;
    const { runId, sessionKey } = await client.post("cron.rehearse", { id, ...defined({ deliver: options.deliver }) });
    const asker = printer.json ? undefined : createAsker(io);
    const interrupted = () => tellGoesOn(printer, runId, sessionKey);
    process.once("SIGINT", interrupted);
    try {
      await answerUntilEnd(call, { runId, sessionKey }, asker);
      const page = await client.get("cron.rehearsal", { runId });
      if (!printer.json) showPage(printer, page);
      const take = options.grant ?? (await askTake(page, asker));
      const answer = take === undefined ? page : await grant(client, page, take);
      printer.result(answer, () => {
        if (take === undefined) showHow(printer, page);
        else if ("job" in answer) printer.line(`${answer.job.name} may do: ${answer.job.mayDo}`);
      });
      checkOutcome(page);
    } finally {
      asker?.close();
      process.removeListener("SIGINT", interrupted);
    }
  });
}

/** `pincer cron grant ID WHICH`: of what its newest rehearsal asked. */
export function cronGrant(io: Io): Command {
  const command = new Command("grant")
    .description("grant a job exactly these of what its newest rehearsal asked")
    .argument("<id>")
    .argument("[which]", "all that was allowed, none, or numbers such as 1,3; without it they are listed", toTake);
  return asClient<object, [string, Take | undefined]>(io, command, async ({ client, printer }, id, take) => {
    const page = await client.get("cron.rehearsal", { id });
    if (take === undefined)
      return printer.result(page, () => {
        showPage(printer, page);
        showHow(printer, page);
      });
    printer.result(await grant(client, page, take), ({ job }) =>
      printer.line(`${job.name} may do: ${job.mayDo ?? ""}`),
    );
  });
}

function toTake(text: string): Take {
  if (text === "all" || text === "none") return text;
  if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError('Expected "all", "none" or numbers such as 1,3.');
  return text.split(",").map(Number);
}

async function grant(client: RestClient, { jobId: id, runId, asked }: RehearsalReport, take: Take) {
  const allowed = asked.filter(({ grants, decision }) => grants.length > 0 && decision !== "deny");
  const numbers = take === "all" ? allowed.map(({ number }) => number) : take === "none" ? [] : take;
  return client.post("cron.grant", { id, runId, take: numbers });
}

/** Answers, or tells how to, whatever waits, until the run has ended. */
async function answerUntilEnd(
  { client, printer }: ClientCall<RehearseOptions>,
  { runId, sessionKey }: { runId: string; sessionKey: string },
  asker: Asker | undefined,
): Promise<void> {
  const told = new Set<string>();
  for (;;) {
    const { subagents } = await client.get("subagents.list", { sessionKey });
    const own = new Set([sessionKey, ...subagents.map(({ key }) => key)]);
    const { approvals } = await client.get("approvals.list", {});
    for (const approval of approvals) {
      if (!own.has(approval.sessionKey) || told.has(approval.id)) continue;
      told.add(approval.id);
      await tellQuestion(client, printer, approval, asker);
    }
    const { run } = await client.get("runs.wait", { runId, timeoutSeconds: LOOK_SECONDS });
    if (run.state === "finished") return;
  }
}

async function tellQuestion(
  client: RestClient,
  printer: Printer,
  approval: Approval,
  asker: Asker | undefined,
): Promise<void> {
  printer.note(`Waits for approval of ${approval.tool} (${approval.reason}):`);
  printer.note(await toApprovalText(approval));
  if (!asker) return printer.note(toAnswerWords(approval));
  const always = approval.offers.find(({ decision }) => decision === "allow_job");
  if (always) printer.note(`Always: ${always.words}`);
  const choice = always
    ? await asker.choose("[t]his time, [a]lways for this job, [n]o?", "tan")
    : await asker.choose("[t]his time, [n]o?", "tn");
  const decision = choice === "a" ? "allow_job" : choice === "t" ? "allow" : "deny";
  try {
    await client.post("approvals.answer", { id: approval.id, decision });
  } catch (error) {
    // Somebody else was faster, or its time was over: the run goes on.
    printer.note(error instanceof Error ? error.message : String(error));
  }
}

/** What to grant, one question each; undefined where nobody can be asked, or nothing can be granted here. */
async function askTake({ asked, file }: RehearsalReport, asker: Asker | undefined): Promise<number[] | undefined> {
  const grantable = asked.filter(({ grants }) => grants.length > 0);
  if (!asker || grantable.length === 0 || file !== undefined) return undefined;
  const take: number[] = [];
  for (const { number, words } of grantable)
    if ((await asker.choose(`Grant ${number}: ${words}, with nobody there? [y/n]`, "yn")) === "y") take.push(number);
  return take;
}

function showPage(printer: Printer, { asked, notes, condition, delivery, mayDo }: RehearsalReport): void {
  for (const note of notes) printer.note(note);
  if (condition)
    printer.line(`Its condition ${condition.unmet === null ? "holds" : `keeps it from firing: ${condition.unmet}`}`);
  if (asked.length === 0) printer.line("It asked nothing.");
  for (const { number, tool, exact, cwd, times, decision, words, granted, grants } of asked) {
    // Whole, and not in a table: it is what gets allowed.
    printer.line(`${number}  ${tool}: ${exact}`);
    const said = `${decision ?? "not answered"}${times > 1 ? `, asked ${times} times` : ""}`;
    printer.line(`   ${cwd === undefined ? "" : `in ${cwd}; `}${said}`);
    printer.line(`   ${grants.length === 0 ? "cannot be granted: " : granted ? "is granted: " : "grant: "}${words}`);
  }
  if (mayDo !== null) printer.line(`It may do now: ${mayDo}`);
  if (!delivery) return;
  const { mode, channel = "", to = "", url = "", status } = delivery;
  printer.line(`Delivery (${[mode, channel, to, url].filter(Boolean).join(" ")}, ${status}): ${delivery.text}`);
  const fate = fateWords(delivery);
  if (fate !== undefined) printer.note(fate);
}

function showHow(printer: Printer, { jobId, asked, yaml, file }: RehearsalReport): void {
  if (yaml !== undefined)
    printer.line(`To grant what was allowed, write into its entry in ${file ?? "openclaw.yml"}:\n${yaml}`);
  else if (file === undefined && asked.some(({ grants }) => grants.length > 0))
    printer.line(`Grant with: pincer cron grant ${jobId} all, or numbers such as 1,3`);
}

function checkOutcome({ outcome, runId }: RehearsalReport): void {
  if (outcome?.type === "failed") throw fromErrorBody(outcome.error);
  if (outcome && outcome.type !== "done")
    throw new AppError(outcome.type === "timed_out" ? "timed_out" : "conflict", `Run ${runId} was ${outcome.type}`);
}
