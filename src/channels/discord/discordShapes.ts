import * as z from "zod";

/** What of Discord's objects is read here. What has another shape is not Discord's, and is left out. */
const snowflake = z.string().regex(/^\d{1,20}$/);

const user = z.object({
  id: snowflake,
  username: z.string(),
  global_name: z.string().nullish(),
  bot: z.boolean().optional(),
  system: z.boolean().optional(),
});

const attachments = z.array(
  z.object({
    filename: z.string(),
    size: z.number().optional().catch(undefined),
    url: z.string(),
    content_type: z.string().nullish(),
  }),
);

// What a message can be understood without costs it nothing.
const said = {
  content: z.string().default(""),
  attachments: attachments.default([]).catch([]),
  sticker_items: z
    .array(z.object({ name: z.string() }))
    .optional()
    .catch(undefined),
};

export const messageShape = z.object({
  ...said,
  id: snowflake,
  channel_id: snowflake,
  guild_id: snowflake.nullish(),
  author: user,
  type: z.int().default(0),
  webhook_id: snowflake.nullish(),
  edited_timestamp: z.string().nullish(),
  mentions: z.array(user).default([]).catch([]),
  referenced_message: z
    .object({ ...said, id: snowflake.optional(), channel_id: snowflake.optional(), author: user.optional() })
    .nullish()
    .catch(undefined),
  message_reference: z.object({ type: z.int().optional() }).nullish().catch(undefined),
  message_snapshots: z
    .array(z.object({ message: z.object(said) }))
    .nullish()
    .catch(undefined),
  poll: z
    .object({
      question: z.object({ text: z.string().default("") }),
      answers: z.array(z.object({ poll_media: z.object({ text: z.string().default("") }) })).default([]),
    })
    .nullish()
    .catch(undefined),
});

export const interactionShape = z.object({
  id: snowflake,
  application_id: snowflake,
  type: z.int(),
  token: z.string(),
  channel_id: snowflake.nullish(),
  guild_id: snowflake.nullish(),
  member: z.object({ user }).nullish(),
  user: user.nullish(),
  /** In which kind of place: a server, the bot's private chat with somebody, or one of others. */
  context: z.int().nullish().catch(undefined),
  data: z
    .object({
      custom_id: z.string().optional(),
      type: z.int().optional(),
      name: z.string().optional(),
      options: z
        .array(z.object({ name: z.string(), value: z.unknown() }))
        .default([])
        .catch([]),
    })
    .nullish(),
});

/** One that is there no more, or several. */
export const deletedShape = z.object({
  channel_id: snowflake,
  guild_id: snowflake.nullish(),
  id: snowflake.optional(),
  ids: z.array(snowflake).default([]),
});

export const refreshedShape = z.object({
  refreshed_urls: z.array(z.object({ original: z.string(), refreshed: z.string() })),
});

/** Who the bot is. */
export const botShape = z.object({ id: snowflake, username: z.string() });

/** What the bot may be told, among much else. */
export const applicationShape = z.object({ id: snowflake.optional(), flags: z.int().optional() });

export const channelShape = z.object({
  id: snowflake,
  type: z.int(),
  name: z.string().nullish(),
  parent_id: snowflake.nullish(),
  guild_id: snowflake.nullish().catch(undefined),
  last_message_id: snowflake.nullish().catch(undefined),
});

export const guildShape = z.object({ id: snowflake });

export const readyShape = z.object({
  session_id: z.string().min(1),
  resume_gateway_url: z.string().optional().catch(undefined),
});

export const gatewayShape = z.object({
  url: z.string(),
  session_start_limit: z.object({ remaining: z.number(), reset_after: z.number() }).optional().catch(undefined),
});

export type DiscordUser = z.output<typeof user>;
export type DiscordMessage = z.output<typeof messageShape>;
export type Interaction = z.output<typeof interactionShape>;
