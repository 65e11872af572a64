import * as z from "zod";
import type { ChannelName } from "../../protocol/outside/channelNames.ts";
import { ruleSchema } from "../../rules/ruleSchema.ts";
import { webhookUrlFault } from "./webhookUrl.ts";

interface Network {
  /** A person's number there. */
  person: z.ZodType<string | number>;
  token: string;
  apiRoot: string;
  /** What a chat's number looks like, with a topic or thread behind it. */
  chat: RegExp;
  chatExample: string;
}

const number = z.union([z.int(), z.string().regex(/^-?\d{1,20}$/, "Expected a number: names change hands")]);

// Written as a number of YAML it would be another one: they have more digits than such a number keeps.
const quotedNumber = z.string().regex(/^\d{1,20}$/, "Expected a number: names change hands");

function networkSchema({ person, token, apiRoot, chat, chatExample }: Network) {
  return z.strictObject({
    token: z.string().optional().describe(token),
    allow: z
      .array(person)
      .max(1000)
      .default([])
      .describe(
        "Numeric ids of the people who may talk to the agent, in groups too. Others can be paired (docs/channels.md).",
      ),
    session: z
      .enum(["chat", "main"])
      .default("chat")
      .describe("Whether each chat and topic has a session of its own, or all go on in the main one."),
    asks: z
      .enum(["own", "all"])
      .default("own")
      .describe(
        "Whose questions for approval come as buttons: those of a chat's own messages, or all, to the people in `allow`.",
      ),
    chats: z
      .record(
        z.string(),
        z
          .strictObject({
            session: z.string().min(1).max(200).optional().describe("Key of the session that it goes on in."),
            workspace: z.string().min(1).max(4096).optional().describe("Folder that its own session works in."),
            tools: z
              .array(z.string().min(1))
              .optional()
              .describe("Only these tools are in its own session; all by default."),
            grants: z
              .array(ruleSchema)
              .max(100)
              .optional()
              .describe("What its runs may do unasked (docs/permissions.md)."),
          })
          .refine(({ session, tools, workspace }) => session === undefined || (tools ?? workspace) === undefined, {
            path: ["session"],
            message: "tools and workspace are those of a session of its own: they do not go with the key of another",
          }),
      )
      .superRefine((chats, context) => {
        for (const name of Object.keys(chats).filter((one) => !chat.test(one)))
          context.addIssue({
            code: "custom",
            path: [name],
            message: `Expected a chat's number, ${chatExample}`,
            input: name,
          });
      })
      .default({})
      .describe("What holds in single chats, by their numbers."),
    apiRoot: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(apiRoot),
  });
}

const webhookSchema = z.strictObject({
  url: z
    .string()
    .max(2000)
    .describe(
      "Where Telegram posts messages: a public https:// address on port 443, 80, 88 or 8443 that leads to /channels/telegram of this gateway, which stands behind it where it has no path.",
    ),
  certificate: z
    .string()
    .min(1)
    .optional()
    .describe("Certificate file (PEM), relative to this file, that Telegram is given where no authority signed it."),
  ipAddress: z
    .ipv4()
    .optional()
    .describe("The IPv4 address that Telegram connects to, in place of what the name resolves to."),
  maxConnections: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe("How much Telegram posts at a time at most; 40 by default."),
});

const telegramSchema = networkSchema({
  person: number,
  token:
    "The bot's token, as BotFather gives it. Write ${NAME} to read it from the environment; by default the one that was stored, or TELEGRAM_BOT_TOKEN.",
  apiRoot: "Address of the Bot API, where it is a server of your own; it gets the token.",
  chat: /^-?\d{1,20}(:\d{1,20})?$/,
  chatExample: "as 123, -100123 or with a topic -100123:45",
})
  .extend({
    webhook: webhookSchema
      .optional()
      .describe("Telegram posts messages to this gateway, in place of being asked for them (docs/channels.md)."),
  })
  .superRefine(({ webhook, apiRoot }, context) => {
    const message = webhook && webhookUrlFault(webhook.url, apiRoot !== undefined);
    if (message !== undefined)
      context.addIssue({ code: "custom", path: ["webhook", "url"], message, input: webhook?.url });
  });

const discordSchema = networkSchema({
  person: quotedNumber,
  token:
    "The bot's token, as the Developer Portal gives it under Bot. Write ${NAME} to read it from the environment; by default the one that was stored, or DISCORD_BOT_TOKEN.",
  apiRoot: "Address of the REST API, where it is a server of your own; it gets the token.",
  chat: /^\d{1,20}(:\d{1,20})?$/,
  chatExample: "as 456 of a person, 789 of a server's channel or with a thread 789:1011",
});

export const channelsSchema = z.strictObject({
  telegram: telegramSchema.optional().describe("A bot of Telegram that the agent answers as."),
  discord: discordSchema.optional().describe("A bot of Discord that the agent answers as."),
} satisfies Record<ChannelName, z.ZodType>);
