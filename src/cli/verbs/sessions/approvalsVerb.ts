import { Command, Option } from "commander";
import type { ApprovalDecision } from "../../../protocol/approval.ts";
import { asClient, type Verb } from "../../terminal/clientVerb.ts";
import type { Io } from "../../terminal/io.ts";
import { toAnswerWords, toApprovalText } from "../../terminal/approvalText.ts";
import { toRule } from "./rulesVerb.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

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
    printer.result(answered, ({ approvals: waiting }) => {
      if (waiting.length === 0) printer.note("Nothing waits for approval.");
      for (const [index, approval] of waiting.entries()) {
        const { id, sessionKey, tool, reason, expiresAt } = approval;
        printer.line(`${id}  ${tool} in ${sessionKey}: ${reason}; expires ${relativeTime(expiresAt)}`);
        // The whole of it, not its summary: it is what gets allowed.
        printer.line(indent(texts[index]!));
        printer.line(indent(toAnswerWords(approval)));
      }
    });
  });
}

function answer(io: Io, name: "allow" | "deny", description: string): Command {
  const command = new Command(name).description(description).argument("<id>");
  if (name === "allow") {
    command
      .addOption(new Option("--session", "and what the approval offers for the session").conflicts(["job", "always"]))
      .addOption(new Option("--job", "and what it offers for the job, in all its runs").conflicts("always"))
      .option("--always", "and what it offers for good: a rule in your openclaw.yml")
      .option("--rule <json>", "of several offers of that kind the one with this rule");
  }
  return asClient<AnswerOptions, [string]>(io, command, async ({ client, printer, options }, id) => {
    const decision = name === "deny" ? name : toDecision(options);
    const rule = options.rule === undefined ? {} : { rule: toRule(options.rule, "--rule") };
    const answered = await client.post("approvals.answer", { id, decision, ...rule });
    printer.result(answered, () => printer.line(name === "allow" ? "Allowed" : "Denied"));
  });
}

interface AnswerOptions {
  session?: boolean;
  job?: boolean;
  always?: boolean;
  rule?: string;
}

function toDecision({ session, job, always }: AnswerOptions): ApprovalDecision {
  if (always) return "allow_always";
  if (job) return "allow_job";
  return session ? "allow_session" : "allow";
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
