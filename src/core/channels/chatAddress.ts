import { AppError } from "../../base/appError.ts";
import { quotedLine } from "../../base/text/visible.ts";

const NUMBER = "-?[1-9]\\d{0,19}";
const ADDRESS = new RegExp(`^(${NUMBER})(?::(?:topic:)?([1-9]\\d{0,19}))?$`);

/**
 * The one spelling of a chat's address, as in "123", or "-100123:45" with a topic: what is said of it holds however it was written.
 * "telegram:-100123:topic:45" is the same. `bad_request` for what is none.
 */
export function chatAddress(channel: string, given: string): string {
  const bare = given.trim();
  const [, chat, topic] = ADDRESS.exec(bare.startsWith(`${channel}:`) ? bare.slice(channel.length + 1) : bare) ?? [];
  if (chat === undefined)
    throw new AppError(
      "bad_request",
      `to: ${quotedLine(given, 60)} is no address of a chat: it is a number, as in "123", with that of a topic behind it, as in "-100123:45"`,
    );
  return topic === undefined ? chat : `${chat}:${topic}`;
}
