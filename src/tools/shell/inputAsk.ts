import { headOf } from "../../base/cutText.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { ApprovalAsk, ToolContext } from "../../core/ports/tool.ts";
import type { GivenRules } from "../../rules/reach.ts";
import type { BackgroundCommand } from "./backgroundCommands.ts";
import { protectedWord, wholeCommand } from "./commandAsk.ts";

/**
 * The question about a command that is given input: what an interpreter is told to do is as much as the command itself, so a
 * rule that allows the command alone does not allow it.
 */
export async function withInput(
  ask: ApprovalAsk,
  input: string,
  { workspace, commands }: Pick<ToolContext, "workspace" | "commands">,
): Promise<ApprovalAsk> {
  if (ask.subject.type !== "command") return ask;
  const [run, ...reached] = ask.effects!;
  // Its words count where the command has gone.
  const whole = `${run!.place}\n${input}`;
  const touched = ask.safe ? undefined : await protectedWord(whole, workspace, { commands });
  return {
    ...ask,
    summary: `${ask.summary}, with input ${visibleLine(input, 200)}`,
    subject: { ...ask.subject, command: `${ask.subject.command}\n\n[input]\n${wholeCommand(input)}` },
    ...(touched === undefined ? {} : { reason: `protected path: ${touched}`, protected: true }),
    effects: [{ ...run!, place: placeOf(run!.place, input) }, ...reached],
  };
}

/** The question before a command that runs already is given input. */
export async function inputAsk(
  { id, command, workspace }: BackgroundCommand,
  input: string,
  commands: GivenRules | undefined,
): Promise<ApprovalAsk> {
  const touched = await protectedWord(input, workspace, { commands });
  return {
    summary: visibleLine(`write ${input} to ${id} (${headOf(command, 100)})`),
    subject: {
      type: "command",
      command: `${wholeCommand(input)}\n\n[input of ${id}: ${wholeCommand(command)}]`,
      cwd: workspace,
    },
    reason: touched === undefined ? "gives input to a command that runs" : `protected path: ${touched}`,
    safe: false,
    protected: touched !== undefined,
    once: true,
    effects: [{ kind: "run", place: placeOf(command, input) }],
  };
}

// No rule for commands reads this, for a shell would need the words of two languages.
const placeOf = (command: string, input: string): string => `${command} <<< ${JSON.stringify(input)}`;
