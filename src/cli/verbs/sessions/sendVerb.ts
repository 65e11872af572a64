import { text } from "node:stream/consumers";
import { Command } from "commander";
import { AppError, fromErrorBody, toErrorBody } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import type { RunEvent } from "../../../protocol/event.ts";
import { isRunEvent } from "../../../protocol/eventKind.ts";
import type { RunOutcome } from "../../../protocol/run.ts";
import { asClient, type ClientCall, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { tellQuestion, type ToldQuestions, watchQuestions } from "../../terminal/watchQuestions.ts";
import { openDeadline, replyWithin, stillRunning } from "../../terminal/replyWithin.ts";
import { tellGoesOn } from "../../terminal/whileWaiting.ts";
import { readSchemaFile, toPrinted } from "../../terminal/schemaFile.ts";
import { toSeconds } from "../../terminal/durations.ts";

interface SendOptions {
  session: string;
  model?: string;
  timeout: number;
  schema?: string;
  prompt?: string;
  plan?: boolean;
  stream?: boolean;
}

export const send: Verb = (io) => {
  const command = new Command("send")
    .description("send a message to a session and print the reply")
    .argument("[message...]", 'the message; "-" reads it from stdin. With --prompt: its arguments')
    .option("-p, --prompt <name>", "send what is kept under this name (`pincer prompts`)")
    .option("-s, --session <key>", "the session", "main")
    .option("-m, --model <id>", "model for this message only")
    .option("--plan", "only look, and reply with a plan (`pincer plan accept` has it done)")
    .option("-t, --timeout <seconds>", "how long to wait; the run goes on after it", toSeconds, 120)
    .option("--schema <file>", "JSON Schema that the reply is to fit; what is printed is the value")
    .option("--stream", "print the text as it comes (default on a terminal)")
    .option("--no-stream", "print the reply when it is whole");
  return asClient<SendOptions, [string[]]>(io, command, async (call, words) => {
    const { options, printer } = call;
    const body = {
      ...(await toSaid(io, command, words, options.prompt)),
      sessionKey: options.session,
      timeoutSeconds: options.timeout,
      ...(options.plan ? { mode: "plan" as const } : {}),
      ...defined({ model: options.model, outputSchema: await readSchemaFile(options.schema) }),
    };
    const isStreamed = options.stream ?? (printer.isTerminal && !printer.json && options.schema === undefined);
    if (isStreamed && options.timeout > 0) await streamReply(call, body);
    else await printReply(call, body);
  });
};

/** One message, as it stands between quotes; of a prompt each word is one of its arguments. */
async function toSaid(io: Io, command: Command, words: string[], prompt: string | undefined): Promise<object> {
  const said = words.length === 1 && words[0] === "-" ? [await text(io.stdin)] : words;
  if (prompt !== undefined) return { prompt, arguments: said.length === 1 ? said[0] : said.map(toQuoted).join(" ") };
  if (said.length === 1) return { message: said[0] };
  return command.error(
    said.length === 0 ? "error: missing required argument 'message'" : "error: too many arguments: quote the message",
  );
}

/** As it is typed behind a slash. */
function toQuoted(word: string): string {
  return /[\s"']/.test(word) || word === "" ? JSON.stringify(word) : word;
}

async function printReply(call: ClientCall<SendOptions>, body: object): Promise<void> {
  const { client, printer, options } = call;
  const answer = await replyWithin(call, options, (signal) => client.post("sessions.send", body, signal));
  printer.result(answer, (given) => {
    const said = toPrinted(given);
    if (said !== null) printer.line(said);
  });
  if (answer.status !== "accepted") return;
  if (options.timeout > 0) throw stillRunning(options, answer.runId);
  if (!printer.json) printer.line(answer.runId);
}

async function streamReply(call: ClientCall<SendOptions>, body: object): Promise<void> {
  const { client, options, printer, clock } = call;
  const deadline = openDeadline(clock, options.timeout);
  const shown = { runId: "", text: "", isOver: false };
  const interrupted = () => tellGoesOn(printer, shown.runId || undefined, options.session);
  const told: ToldQuestions = new Set();
  // Its own come with the stream; those of its sub-agents do not.
  const watching = printer.json ? undefined : watchQuestions(call, { sessionKey: options.session, told });
  process.once("SIGINT", interrupted);
  try {
    for await (const event of client.stream("sessions.send", body, deadline.signal)) {
      if (!isRunEvent(event)) continue;
      showEvent(call, event, shown);
      if (event.type === "approval.asked" && !printer.json && !told.has(event.approval.id)) {
        told.add(event.approval.id);
        await tellQuestion(printer, event.approval, options.session);
      }
      shown.isOver = event.type === "run.finished";
      if (event.type === "run.finished") return checkOutcome(event.outcome, event.runId);
    }
  } catch (error) {
    throw failed(deadline.signal.aborted ? stillRunning(options, shown.runId) : error);
  } finally {
    deadline.dispose();
    watching?.dispose();
    process.removeListener("SIGINT", interrupted);
  }
  throw failed(new AppError("unavailable", `The stream ended before run ${shown.runId} did`));

  /** After events a program reads one more line; before the first, the failure is all that is told. */
  function failed(error: unknown): unknown {
    if (printer.json && shown.runId !== "" && !shown.isOver) printer.result({ error: toErrorBody(error) }, () => {});
    return error;
  }
}

/** With --json one event per line, as they came. */
function showEvent(
  { printer }: ClientCall<SendOptions>,
  event: RunEvent,
  shown: { runId: string; text: string },
): void {
  shown.runId = event.runId;
  printer.result(event, () => {
    if (event.type === "text.delta") {
      printer.text(event.text);
      shown.text += event.text;
    }
    if (event.type === "tool.started") printer.note(`[${event.name}]`);
    if (event.type === "run.notice") printer.note(event.text);
    if (event.type !== "run.finished") return;
    // A lagging reader may have lost deltas; the reply is whole.
    if (shown.text === "" && event.outcome.type === "done") printer.line(event.outcome.reply);
    else if (shown.text !== "" && !shown.text.endsWith("\n")) printer.line("");
  });
}

function checkOutcome(outcome: RunOutcome, runId: string): void {
  if (outcome.type === "failed") throw fromErrorBody(outcome.error);
  if (outcome.type === "timed_out") throw new AppError("timed_out", `Run ${runId} passed its time limit`);
  if (outcome.type !== "done") throw new AppError("conflict", `Run ${runId} was ${outcome.type}`);
}
