import { text } from "node:stream/consumers";
import { Command } from "commander";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";

export const steer: Verb = (io) => {
  const command = new Command("steer")
    .description("put a message into the run under way in a session, at its next step")
    .argument("<session>", "its key")
    .argument("<message>", 'what to say; "-" reads it from stdin');
  return asClient<object, [string, string]>(io, command, async ({ client, printer }, sessionKey, given) => {
    const message = given === "-" ? await text(io.stdin) : given;
    printer.result(await client.post("sessions.steer", { sessionKey, message }), ({ runId }) => printer.line(runId));
  });
};
