import { fitsStars } from "./mcpTool.ts";

/** What a message to a chat is about, for rules; `names` are its addresses, the newest first, which rules may call it by. */
export function messagePlace(channel: string, ...names: string[]): string {
  return `${channel}/${names.join("=")}`;
}

/** The channel and the newest address of such a place. */
export function readMessagePlace(place: string): { channel: string; to: string } {
  const { channel, names } = readNames(place);
  return { channel, to: names[0]! };
}

function readNames(place: string): { channel: string; names: string[] } {
  const at = place.indexOf("/");
  return { channel: place.slice(0, at), names: place.slice(at + 1).split("=") };
}

/** Whether "telegram/123" is of that channel, and an address of it is "123", or fits "-100123:*". */
export function fitsMessage(place: string, channel: string | undefined, to = "*"): boolean {
  const { channel: asked, names } = readNames(place);
  return (channel === undefined || channel === asked) && names.some((name) => fitsStars(to, name));
}

/** The same for a rule that forbids: what it says of a chat holds for its topics, which are read by the same people. */
export function forbidsMessage(place: string, channel: string | undefined, to?: string): boolean {
  const { channel: asked, names } = readNames(place);
  const all = names.flatMap((name) => [name, name.split(":")[0]!]);
  return fitsMessage(messagePlace(asked, ...all), channel, to);
}
