import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import { toSeconds } from "../../terminal/durations.ts";
import type { Io } from "../../terminal/io.ts";
import { replyWithin, stillRunning } from "../../terminal/replyWithin.ts";
import { toPrinted } from "../../terminal/schemaFile.ts";

interface AcceptOptions {
  file?: string;
  timeout: number;
}

export const plan: Verb = (io) =>
  new Command("plan")
    .description("the plan that a session waits with (made by `pincer send --plan`), or carries out")
    .addCommand(show(io), { isDefault: true })
    .addCommand(accept(io))
    .addCommand(end(io));

const show: Verb = (io) => {
  const command = new Command("show").description("print it").argument("[key]", "the session", "main");
  return asClient<object, [string]>(io, command, async ({ client, printer }, sessionKey) => {
    printer.result(await client.get("plans.get", { sessionKey }), (found) => printer.line(found.text));
  });
};

const accept: Verb = (io) => {
  const command = new Command("accept")
    .description("have it carried out, and print the reply")
    .argument("[key]", "the session", "main")
    .option("-f, --file <path>", 'the plan as you edited it; "-" reads it from stdin')
    .option("-t, --timeout <seconds>", "how long to wait; the run goes on after it", toSeconds, 120);
  return asClient<AcceptOptions, [string]>(io, command, async (call, sessionKey) => {
    const { client, printer, options } = call;
    const edited = options.file === undefined ? undefined : await readPlan(io, options.file);
    const body = { sessionKey, timeoutSeconds: options.timeout, ...defined({ text: edited }) };
    const waited = { session: sessionKey, timeout: options.timeout };
    const answer = await replyWithin(call, waited, (signal) => client.post("plans.accept", body, signal));
    printer.result(answer, (given) => {
      const said = toPrinted(given);
      if (said !== null) printer.line(said);
    });
    if (answer.status !== "accepted") return;
    if (options.timeout > 0) throw stillRunning(waited, answer.runId);
    if (!printer.json) printer.line(answer.runId);
  });
};

const end: Verb = (io) => {
  const command = new Command("end")
    .description("the plan that was accepted holds no longer")
    .argument("[key]", "the session", "main");
  return asClient<object, [string]>(io, command, async ({ client, printer }, sessionKey) => {
    const answer = await client.post("plans.end", { sessionKey });
    printer.result(answer, () => printer.line(`Ended the plan of session ${sessionKey}`));
  });
};

async function readPlan({ stdin }: Io, file: string): Promise<string> {
  if (file === "-") return await text(stdin);
  return await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new AppError("bad_request", `${file} could not be read (${error.code})`, { cause: error });
  });
}
