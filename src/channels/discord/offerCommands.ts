import * as z from "zod";
import type { DiscordRest } from "./discordRest.ts";

interface Option {
  type: 3;
  name: string;
  description: string;
}

interface Offered {
  name: string;
  description: string;
  options?: Option[];
}

const option = (name: string, description: string): Option[] => [{ type: 3, name, description }];

/** Discord lists these when somebody writes a slash. */
export const OFFERED_COMMANDS: Offered[] = [
  { name: "new", description: "Begin a new conversation", options: option("message", "Its first message") },
  { name: "stop", description: "End what is under way" },
  { name: "status", description: "Say how things are" },
  { name: "model", description: "Show the model, or take another", options: option("name", "The model to take") },
  { name: "approve", description: "Show again what waits for your word" },
  { name: "again", description: "Send once more what may not have arrived" },
  { name: "help", description: "Say what there is" },
];

const SLASH = 1;
// In servers and in the bot's own private chats, where a server has it installed.
const WHERE = { type: SLASH, contexts: [0, 1], integration_types: [0] };

const listedShape = z.array(
  z.object({
    name: z.string(),
    type: z.int().default(SLASH),
    description: z.string(),
    options: z.array(z.object({ type: z.int(), name: z.string(), description: z.string() })).default([]),
  }),
);

/**
 * Makes the commands that are missing or are another way there, and leaves those alone that somebody else made for the bot: Discord takes
 * two hundred a day. `id` is the application's. Rejects with a DiscordFault.
 */
export async function offerCommands(rest: DiscordRest, id: string, signal: AbortSignal): Promise<void> {
  const path = `/applications/${id}/commands`;
  const told = listedShape.safeParse(await rest.call<unknown>({ method: "GET", path, signal }));
  // What is there cannot be read: nothing of it is written over.
  if (!told.success) return;
  for (const command of OFFERED_COMMANDS) {
    const there = told.data.find(({ name, type }) => name === command.name && type === SLASH);
    if (there && textOf(there) === textOf(command)) continue;
    await rest.call<unknown>({ method: "POST", path, body: { ...WHERE, ...command }, signal });
  }
}

function textOf({ description, options = [] }: Omit<Offered, "name"> | z.output<typeof listedShape>[number]): string {
  return JSON.stringify([description, options.map(({ type, name, description: of }) => [type, name, of])]);
}
