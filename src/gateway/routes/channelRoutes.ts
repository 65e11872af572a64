import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { StoredOutFile } from "../../core/ports/outside/outFile.ts";
import {
  channelId,
  type ChannelPerson,
  channelPersonShape,
  channelShape,
} from "../../protocol/outside/channelState.ts";
import { answered } from "../calls/answered.ts";
import { originName } from "../calls/originName.ts";
import { defineRoute } from "../calls/route.ts";
import { readOwnFile } from "./readOwnFile.ts";

const person = z.string().min(1).max(40).describe("The network's own number of a person.");

export const channelsList = defineRoute({
  name: "channels.list",
  verb: "GET",
  scope: "read",
  summary: "The chat networks that are set up, how each is, who may talk there, and who waits to be paired.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), channels: z.array(channelShape) }),
  async handle(core) {
    const channels = await core.channels.list();
    return { count: channels.length, channels };
  },
});

export const channelsPair = defineRoute({
  name: "channels.pair",
  verb: "POST",
  // Whoever is let in has the agent do things.
  scope: "admin",
  summary:
    "Lets the person talk, in a private chat, who was shown this code there. 404 for one that is wrong or over; five wrong ones make all void.",
  input: z.strictObject({ channel: channelId, code: z.string().min(1).max(40).describe("Eight letters.") }),
  output: z.strictObject({ channel: z.string(), person: channelPersonShape }),
  async handle(core, { channel, code }, { origin, keep }) {
    const toPaired = (person: ChannelPerson) => ({ channel, person });
    const given = { code, by: originName(origin) };
    return answered(keep, toPaired, (kept) => core.channels.pair(channel, given, kept));
  },
});

export const channelsRemove = defineRoute({
  name: "channels.remove",
  verb: "POST",
  scope: "admin",
  summary:
    "Takes back what a code gave a person, or refuses one who waits: the code is void. 409 for who stands in openclaw.yml.",
  input: z.strictObject({ channel: channelId, person }),
  output: z.strictObject({ channel: z.string(), person: z.string() }),
  async handle(core, given, { keep }) {
    await core.channels.remove(given.channel, given.person, keep(given));
    return given;
  },
});

export const channelsMute = defineRoute({
  name: "channels.mute",
  verb: "POST",
  scope: "admin",
  summary:
    "While a channel is muted nothing is taken from it and nothing is sent there; what waits is dealt with after.",
  input: z.strictObject({ channel: channelId, muted: z.boolean().default(true) }),
  output: z.strictObject({ channel: z.string(), muted: z.boolean() }),
  async handle(core, given) {
    await core.channels.mute(given.channel, given.muted);
    return given;
  },
});

export const channelsRestart = defineRoute({
  name: "channels.restart",
  verb: "POST",
  scope: "admin",
  summary: "Ends a channel and runs it anew, at once; with what was stored for it meanwhile, as a new token.",
  input: z.strictObject({
    channel: channelId,
    deleteWebhook: z
      .boolean()
      .default(false)
      .describe("Deletes the webhook of its account first: while one is set, Telegram gives messages to nobody else."),
  }),
  output: z.strictObject({ channel: z.string(), restarted: z.literal(true) }),
  async handle(core, wanted) {
    core.channels.restart(wanted);
    return { channel: wanted.channel, restarted: true as const };
  },
});

export const channelsSend = defineRoute({
  name: "channels.send",
  verb: "POST",
  // What leaves the machine is a person's word to say, as an approval is.
  scope: "admin",
  summary:
    "Sends a text, and files behind it, to a chat of somebody who may talk. All is stored, and sent as soon as the network takes it; 403 for any other chat, and for a file that may hold secrets.",
  input: z.strictObject({
    channel: channelId,
    to: z.string().min(1).max(60).optional().describe("A chat's number; by default the first person's in `allow`."),
    text: z
      .string()
      .regex(/\S/, "Expected some text, but it is blank")
      .max(100_000)
      .optional()
      .describe("Markdown. Without it, files alone."),
    files: z
      .array(z.string().min(1).max(4096))
      .max(10)
      .optional()
      .describe("Absolute paths on the gateway's machine; copies of the files as they are now go out."),
  }),
  output: z.strictObject({ channel: z.string(), key: z.string().describe("Names the message in the outbox.") }),
  async handle({ channels }, { channel, to, text = "", files = [] }, { keep }) {
    if (text === "" && files.length === 0) throw new AppError("bad_request", "A message has a text, or files, or both");
    const message = { channel, text, ...defined({ to }) };
    // Before a file is looked at: who it may go to.
    await channels.toSend({ ...message, key: "" });
    const { maxFileBytes } = channels.settings(channel)!;
    const kept: StoredOutFile[] = [];
    try {
      for (const path of files) kept.push(await channels.keep(channel, await readOwnFile(path, maxFileBytes)));
    } catch (error) {
      for (const one of kept) await channels.files.drop(one.kept);
      throw error;
    }
    const toSent = (key: string) => ({ channel, key });
    return answered(keep, toSent, (keptKey) => channels.send({ ...message, files: kept }, keptKey));
  },
});
