import { BoundedMap } from "../../base/boundedMap.ts";
import { DiscordFault, type DiscordRest } from "./discordRest.ts";
import { channelShape } from "./discordShapes.ts";

/**
 * Where Discord's channels are in addresses: "456" is the private chat with the person of that number, or a server's channel, and
 * "789:1011" a thread in one.
 */
export interface DiscordPlaces {
  /** A person's private chat is this channel. */
  isPrivate(person: string, channel: string): void;
  /** A channel of a server. Rejects with a DiscordFault that is none about the channel. */
  ofServer(channel: string, signal: AbortSignal): Promise<{ place: string; title: string }>;
  /** Where to write to. Rejects with a DiscordFault. */
  target(place: string, signal?: AbortSignal): Promise<Target>;
}

export interface Target {
  channel: string;
  isPrivate: boolean;
}

const MOST_KNOWN = 10_000;
const THREADS = new Set([10, 11, 12]);
const PRIVATE = 1;

export function createDiscordPlaces(rest: DiscordRest): DiscordPlaces {
  const servers = new BoundedMap<string, { place: string; title: string }>(MOST_KNOWN);
  const people = new BoundedMap<string, string>(MOST_KNOWN);
  const look = async (channel: string, signal?: AbortSignal) => {
    const told = await rest.call<unknown>({
      method: "GET",
      path: `/channels/${channel}`,
      ...(signal ? { signal } : {}),
    });
    return readChannel(told);
  };
  return {
    isPrivate: (person, channel) => void people.set(person, channel),
    async ofServer(channel, signal) {
      const known = servers.get(channel);
      if (known) return known;
      const found = await look(channel, signal).catch((error: unknown) => {
        // It may be heard and not be looked at.
        if (isAbout(error)) return undefined;
        throw error;
      });
      const { type = 0, parent_id: parent, name } = found ?? {};
      const isThread = THREADS.has(type) && parent;
      const place = { place: isThread ? `${parent}:${channel}` : channel, title: name ? `#${name}` : channel };
      if (found) servers.set(channel, place);
      return place;
    },
    async target(place, signal) {
      const [first = "", thread] = place.split(":");
      if (thread !== undefined) return { channel: thread, isPrivate: false };
      const own = people.get(first);
      if (own !== undefined) return { channel: own, isPrivate: true };
      if (servers.has(first)) return { channel: first, isPrivate: false };
      const found = await look(first, signal).catch((error: unknown) => {
        if (error instanceof DiscordFault && error.status === 404) return undefined;
        throw error;
      });
      if (found) {
        if (found.type !== PRIVATE) servers.set(first, { place: first, title: found.name ? `#${found.name}` : first });
        return { channel: first, isPrivate: found.type === PRIVATE };
      }
      const opened = await rest.call<unknown>({
        method: "POST",
        path: "/users/@me/channels",
        body: { recipient_id: first },
        ...(signal ? { signal } : {}),
      });
      const { id } = readChannel(opened);
      people.set(first, id);
      return { channel: id, isPrivate: true };
    },
  };
}

function readChannel(told: unknown) {
  const read = channelShape.safeParse(told);
  if (!read.success)
    throw new DiscordFault("What answered for a channel is not Discord", { status: 0, isDoubtful: false });
  return read.data;
}

/** Discord says in its own words that this channel is not there for the bot. */
export function isAbout(error: unknown): boolean {
  return error instanceof DiscordFault && !error.isDoubtful && [403, 404].includes(error.status);
}
