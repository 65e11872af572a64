import { createSession } from "../state/createSession.ts";
import type { Panel } from "../state/panelContext.ts";
import type { Said } from "../state/promptList.ts";
import { strings } from "../parts/strings.ts";

/** What is done at a word behind a slash. It is no message, and sent to nobody unless it says so. */
export interface SlashCommand {
  name: string;
  /** A codicon. */
  icon: string;
  /** What may stand behind its name; "" for nothing. */
  hint: string;
  about: string;
  /** What is said while it lasts, where that is longer than a blink. */
  doing?: string;
  /** A message may go with it, and its chips. */
  carries?: true;
  /** Does it for what stands behind its name. What it gives is sent; false: it was not done after all. */
  run(panel: Panel, rest: string): Promise<Said | false | void>;
}

const { commands: words } = strings;

export const slashCommands: SlashCommand[] = [
  {
    ...{ name: "new", icon: "add", hint: words.message, about: words.new, carries: true },
    async run(panel) {
      if (!(await createSession(panel))) return false;
      return undefined;
    },
  },
  {
    ...{ name: "plan", icon: "lightbulb", hint: words.message, about: words.plan, carries: true },
    async run({ gateway, session, prompts }, rest) {
      if (rest !== "") return { ...(await prompts.toSaid(rest)), mode: "plan" };
      await gateway.call("approvals.mode", { sessionKey: session.key.value, mode: "plan" });
      await session.refreshFigures();
      return undefined;
    },
  },
  {
    ...{ name: "compact", icon: "fold", hint: "", about: words.compact, doing: words.compacting },
    async run({ gateway, session }) {
      await gateway.call("editor.compact", { sessionKey: session.key.value });
      await session.refreshFigures();
    },
  },
  {
    ...{ name: "model", icon: "chip", hint: "", about: words.model },
    async run({ gateway, session }) {
      await gateway.call("editor.pickModel", { sessionKey: session.key.value });
      await session.refreshFigures();
    },
  },
  {
    ...{ name: "undo", icon: "discard", hint: "", about: words.undo },
    async run({ gateway }) {
      await gateway.call("editor.undoRun", {});
    },
  },
  {
    ...{ name: "export", icon: "save", hint: words.format, about: words.export },
    async run({ gateway, session }, rest) {
      const sessionKey = session.key.value;
      const isFormat = rest === "json" || rest === "markdown";
      await gateway.call("editor.exportSession", isFormat ? { sessionKey, format: rest } : { sessionKey });
    },
  },
];

export interface GivenCommand {
  command: SlashCommand;
  rest: string;
}

/** The command that a message is, with what stands behind its name: one of a prompt's name or of none is said as it is. */
export function toCommand(said: Said): GivenCommand | undefined {
  if (!("message" in said) || !said.message.startsWith("/")) return undefined;
  const text = said.message.trim();
  const end = text.search(/\s/);
  const name = text.slice(1, end === -1 ? undefined : end);
  const command = slashCommands.find((one) => one.name === name);
  const rest = end === -1 ? "" : text.slice(end).trim();
  // "/compact the list, please" is meant for the model.
  return command && (rest === "" || command.hint !== "") ? { command, rest } : undefined;
}
