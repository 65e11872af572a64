import * as z from "zod";

/** Names a channel, as a field of an input. */
export const channelId = z
  .string()
  .min(1)
  .max(40)
  .describe('A channel of openclaw.yml, as in "telegram" or "discord".');

/** Somebody who may talk to the agent over a channel. */
export const channelPersonShape = z.strictObject({
  id: z.string().describe("The network's own number: names change, and anybody may take one."),
  name: z.string().nullable().describe("As the person was called then."),
  by: z.enum(["allow", "pairing"]).describe("openclaw.yml, or a code that was confirmed: in a private chat only."),
});

export type ChannelPerson = z.output<typeof channelPersonShape>;

/** Somebody who was shown a code, which nobody has confirmed yet. The code itself is told nowhere but in the chat. */
export const pendingPairingShape = z.strictObject({
  id: z.string(),
  name: z.string(),
  expiresAt: z.string(),
});

export const channelStateShape = z
  .enum(["off", "starting", "connected", "waiting", "failed", "muted"])
  .describe(
    "off: this gateway does not run it. waiting: it is tried again from `retryAt` on, or when the other process ends that runs it. failed: something has to be changed first.",
  );

export type ChannelState = z.output<typeof channelStateShape>;

/** How a network posts its messages, where it is not asked for them. */
const channelWebhookShape = z.strictObject({
  url: z.string().describe("Where it posts to."),
  pending: z.int().min(0).describe("How much waits there to be posted, as the network said last."),
  lastError: z.string().nullable().describe("Why it could not post, as the network says, the last time."),
  lastErrorAt: z.string().nullable(),
});

/** A chat network that is set up, and how it is. */
export const channelShape = z.strictObject({
  id: z.string(),
  state: channelStateShape,
  account: z.string().nullable().describe("Who the agent is there, as in @my_bot; null before that is known."),
  error: z.string().nullable().describe("The last fault, and what to do; null while there is none."),
  retryAt: z.string().nullable(),
  webhook: channelWebhookShape
    .nullable()
    .describe("Where the network posts messages to; null where it is asked for them, as by long polling."),
  people: z.array(channelPersonShape),
  pending: z.array(pendingPairingShape),
  waiting: z.int().min(0).describe("Messages that are to go out still."),
  inDoubt: z
    .int()
    .min(0)
    .describe(
      "Messages of the last days of which nobody knows whether they arrived: they are not sent again by themselves.",
    ),
  refused: z.int().min(0).describe("Messages of the last days that the network does not take: they are not sent."),
  refusal: z.string().nullable().describe("Which chat the last of these was for, and why; null while there is none."),
});

export type ListedChannel = z.output<typeof channelShape>;
