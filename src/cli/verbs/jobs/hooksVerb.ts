import { readFileSync } from "node:fs";
import { Command } from "commander";
import { AppError } from "../../../base/appError.ts";
import type { Output } from "../../../client/routeClient.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";

export const hooks: Verb = (io) =>
  new Command("hooks")
    .description("list the webhooks that openclaw.yml sets up, try one")
    .addCommand(list(io), { isDefault: true })
    .addCommand(test(io));

function list(io: Io): Command {
  const command = new Command("list").description("list the webhooks, without their secrets");
  return asClient<object, []>(io, command, async ({ client, printer }) => {
    printer.result(await client.get("hooks.list"), ({ hooks: all }) =>
      printer.table(
        ["NAME", "POST TO", "PROOF", "DOES", "TARGET", "PUTS IN"],
        all.map((hook) => [
          hook.name,
          hook.path,
          hook.proof === "token" ? "token" : `${hook.header} (${hook.proof})`,
          hook.does,
          hook.target,
          hook.paths.join(", ") || " ",
        ]),
      ),
    );
  });
}

interface TestOptions {
  payload?: string;
  send?: boolean;
}

function test(io: Io): Command {
  const command = new Command("test")
    .description("show what a webhook makes of a payload; with --send, do it as if that had been delivered")
    .argument("<name>")
    .option("--payload <json>", "what is sent: JSON, or @FILE", "{}")
    .option("--send", "really do it");
  return asClient<TestOptions, [string]>(io, command, async ({ client, printer, options }, name) => {
    const payload = toPayload(options.payload ?? "{}");
    const answer = await client.post("hooks.test", { name, payload, send: options.send === true });
    printer.result(answer, (trial) => printer.line(toLines(trial).join("\n")));
    const { status = "accepted", reason } = answer.delivery ?? {};
    if (status !== "accepted") throw new AppError("conflict", reason ?? `It was ${status}`);
  });
}

function toPayload(given: string): unknown {
  const text = given.startsWith("@") ? readFile(given.slice(1)) : given;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError(
      "bad_request",
      `--payload is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new AppError("not_found", `${path} cannot be read`);
  }
}

function toLines({ hook, text, missing, delivery }: Output<"hooks.test">): string[] {
  const what = text ?? `The job ${hook.target} as it is; nothing of the payload is in it.`;
  return [
    what,
    ...(missing.length > 0 ? [`\nNot in the payload: ${missing.join(", ")}`] : []),
    ...(delivery ? [`\n${toWords(delivery)}`] : []),
  ];
}

function toWords({ status, runId, sessionKey }: NonNullable<Output<"hooks.test">["delivery"]>): string {
  if (runId !== null) return `Run ${runId} in ${sessionKey ?? "its session"}`;
  return status === "accepted" ? "Put into the main session" : `Not done: ${status}`;
}
