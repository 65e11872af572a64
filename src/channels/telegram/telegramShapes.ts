import * as z from "zod";

/** What of Telegram's objects is read here. What has another shape is not Telegram's, and is left out. */
const user = z.object({
  id: z.int(),
  is_bot: z.boolean().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  username: z.string().optional(),
});

const chat = z.object({ id: z.int(), type: z.string(), title: z.string().optional() });

const file = z.object({
  file_id: z.string(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
  file_size: z.number().optional(),
});

const entities = z.array(
  z.object({ type: z.string(), offset: z.int().min(0), length: z.int().min(0), user: user.optional() }),
);

/** What may be sent by itself, and be answered. */
const content = {
  from: user.optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  photo: z.array(z.object({ file_id: z.string(), file_size: z.number().optional(), width: z.number() })).optional(),
  document: file.optional(),
  audio: file.optional(),
  video: file.optional(),
  video_note: file.optional(),
  voice: file.optional(),
};

const answered = z.object({
  ...content,
  message_id: z.int().optional(),
  forum_topic_created: z.looseObject({}).optional(),
});

const forwarded = z.object({
  sender_user: user.optional(),
  sender_user_name: z.string().optional(),
  sender_chat: chat.optional(),
  chat: chat.optional(),
});

const place = z.object({ latitude: z.number(), longitude: z.number() });

// What a message can be understood without costs it nothing.
const message = z.object({
  ...content,
  message_id: z.int(),
  message_thread_id: z.int().optional(),
  is_topic_message: z.boolean().optional(),
  sender_chat: z.object({ id: z.int() }).optional(),
  chat,
  entities: entities.optional().catch(undefined),
  caption_entities: entities.optional().catch(undefined),
  reply_to_message: answered.optional().catch(undefined),
  quote: z.object({ text: z.string().optional() }).optional().catch(undefined),
  media_group_id: z.string().optional(),
  forward_origin: forwarded.optional().catch({}),
  sticker: z.object({ emoji: z.string().optional() }).optional(),
  location: place.optional(),
  venue: z.object({ title: z.string(), address: z.string() }).optional(),
  contact: z.object({ phone_number: z.string(), first_name: z.string() }).optional(),
  poll: z.object({ question: z.string(), options: z.array(z.object({ text: z.string() })) }).optional(),
  dice: z.object({ emoji: z.string(), value: z.int() }).optional(),
  migrate_to_chat_id: z.int().optional(),
  migrate_from_chat_id: z.int().optional(),
});

const pressed = z.object({
  message_id: z.int(),
  chat,
  message_thread_id: z.int().optional(),
  is_topic_message: z.boolean().optional(),
});

export const updateShape = z.object({
  update_id: z.int(),
  message: message.optional(),
  edited_message: message.optional(),
  callback_query: z
    .object({ id: z.string(), from: user, message: pressed.optional(), data: z.string().optional() })
    .optional(),
});

/** Which of them Telegram is to give, however it does. */
export const WANTED = ["message", "edited_message", "callback_query"];

/** Who the bot is. */
export const botShape = z.object({ id: z.int(), username: z.string() });

export type Bot = z.output<typeof botShape>;
export type User = z.output<typeof user>;
export type Message = z.output<typeof message>;
export type Pressed = NonNullable<z.output<typeof updateShape>["callback_query"]>;
