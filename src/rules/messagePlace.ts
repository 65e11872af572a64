import { fitsStars } from "./mcpTool.ts";

/** What a message to a chat is about, for rules. */
export function messagePlace(channel: string, to: string): string {
  return `${channel}/${to}`;
}

/** The channel and the address of such a place. */
export function readMessagePlace(place: string): { channel: string; to: string } {
  const at = place.indexOf("/");
  return { channel: place.slice(0, at), to: place.slice(at + 1) };
}

/** Whether "telegram/123" is of that channel, and its address is "123", or fits "-100123:*". */
export function fitsMessage(place: string, channel: string | undefined, to = "*"): boolean {
  const asked = readMessagePlace(place);
  return (channel === undefined || channel === asked.channel) && fitsStars(to, asked.to);
}

/** The same for a rule that forbids: what it says of a chat holds for its topics, which are read by the same people. */
export function forbidsMessage(place: string, channel: string | undefined, to?: string): boolean {
  const { channel: network, to: address } = readMessagePlace(place);
  return [address, address.split(":")[0]!].some((one) => fitsMessage(messagePlace(network, one), channel, to));
}
