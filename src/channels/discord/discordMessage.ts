import { escapeMarkdown } from "./toMarkdown.ts";
import type { Button } from "../channel.ts";
import { MAX_CONTENT } from "./cutForDiscord.ts";

/** No word of a model calls anybody. */
const NOBODY = { allowed_mentions: { parse: [] } };
const SUPPRESS_EMBEDS = 1 << 2;
const SUPPRESS_NOTIFICATIONS = 1 << 12;
const ROW = 1;
const BUTTON = 2;
const GREY = 2;

/** The body of a message as Discord takes it: `marked` in its Markdown, or else `text`, of which nothing is markup. */
export function toBody(
  { text, marked, buttons }: { text: string; marked?: string | undefined; buttons?: Button[][] | undefined },
  { isSilent = false }: { isSilent?: boolean } = {},
): Record<string, unknown> {
  return {
    content: marked ?? plain(text),
    ...NOBODY,
    flags: SUPPRESS_EMBEDS | (isSilent ? SUPPRESS_NOTIFICATIONS : 0),
    ...(buttons ? { components: buttons.map(toRow) } : {}),
  };
}

/** What a message says from now on, without its buttons. */
export function toEdit(text: string): Record<string, unknown> {
  return { content: plain(text), ...NOBODY, flags: SUPPRESS_EMBEDS, components: [] };
}

/** What only who pressed a button or used a command sees. */
export function toWhisper(text: string, marked = plain(text)): Record<string, unknown> {
  return { content: marked, ...NOBODY, flags: SUPPRESS_EMBEDS };
}

function toRow(row: Button[]) {
  return {
    type: ROW,
    components: row.map(({ label, data }) => ({ type: BUTTON, style: GREY, label, custom_id: data })),
  };
}

/** Never longer than Discord takes: what is cut off is said to be. */
function plain(text: string): string {
  let most = text.length;
  for (;;) {
    const written = escapeMarkdown(most < text.length ? `${text.slice(0, most).toWellFormed()}…` : text);
    if (written.length <= MAX_CONTENT) return written;
    most = Math.floor(most * 0.9);
  }
}
