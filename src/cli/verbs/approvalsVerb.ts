import { Command } from "commander";
import type { ApprovalDecision } from "../../protocol/approval.ts";
import { asClient, type Verb } from "../terminal/clientVerb.ts";
import type { Io } from "../terminal/io.ts";
import { toApprovalText } from "../terminal/approvalText.ts";
import { relativeTime } from "../terminal/timeWords.ts";

export const approvals: Verb = (io) =>
  new Command("approvals")
    .description("list the tool calls that wait for your word, and answer them")
    .addCommand(list(io), { isDefault: true })
    .addCommand(answer(io, "allow", "let a call run"))
    .addCommand(answer(io, "deny", "refuse a call; the model is told"));

function list(io: Io): Command {
  const command = new Command("list")
    .description("list what waits")
    .option("-s, --session <key>", "of one session only");
  return asClient<{ session?: string }, []>(io, command, async ({ client, printer, options }) => {
    const answered = await client.get("approvals.list", { sessionKey: options.session });
    const texts = await Promise.all(answered.approvals.map(toApprovalText));
    printer.answer(answered, ({ approvals: waiting }) => {
      if (waiting.length === 0) printer.note("Nothing waits for approval.");
      for (const [index, { id, sessionKey, tool, reason, expiresAt }] of waiting.entries()) {
        printer.line(`${id}  ${tool} in ${sessionKey}: ${reason}; expires ${relativeTime(expiresAt)}`);
        // The whole of it, not its summary: it is what gets allowed.
        printer.line(indent(texts[index]!));
      }
    });
  });
}

function answer(io: Io, name: "allow" | "deny", description: string): Command {
  const command = new Command(name).description(description).argument("<id>");
  if (name === "allow") command.option("--session", "also later calls of the same kind in this session");
  return asClient<{ session?: boolean }, [string]>(io, command, async ({ client, printer, options }, id) => {
    const decision: ApprovalDecision = name === "allow" && options.session ? "allow_session" : name;
    printer.answer(await client.post("approvals.answer", { id, decision }), () =>
      printer.line(name === "allow" ? "Allowed" : "Denied"),
    );
  });
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
