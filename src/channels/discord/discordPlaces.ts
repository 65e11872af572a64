import type * as z from "zod";
import { BoundedMap } from "../../base/boundedMap.ts";
import { DiscordFault, type DiscordRest } from "./discordRest.ts";
import { channelShape, guildShape } from "./discordShapes.ts";

/**
 * Where Discord's channels are in addresses: "456" is the private chat with the person of that number, or a server's channel, and
 * "789:1011" a thread in one.
 */
export interface DiscordPlaces {
  /** A person's private chat is this channel. */
  isPrivate(person: string, channel: string): void;
  /** A channel of a server. Rejects with a DiscordFault that is none about the channel. */
  ofServer(channel: string, signal: AbortSignal): Promise<ServerPlace>;
  /** Whose private chat a channel is, where that is known. */
  personOf(channel: string): string | undefined;
  /** Channels and threads of servers in which something was written from that moment on. Rejects with a DiscordFault. */
  writtenIn(sinceMs: number, signal: AbortSignal): Promise<string[]>;
  /** Whether it is known that whoever reads a thread's channel may read the thread, too. */
  isOpen(thread: string): boolean;
  /** Where to write to; nowhere for a thread that is none of that channel's. Rejects with a DiscordFault. */
  target(place: string, signal?: AbortSignal): Promise<Target>;
}

export interface ServerPlace {
  place: string;
  title: string;
  /** The server, where it was told. */
  guild?: string;
  /** See DiscordPlaces. */
  isOpen?: true;
}

export interface Target {
  channel: string;
  isPrivate: boolean;
}

const MOST_KNOWN = 10_000;
const OPEN_THREADS = new Set([10, 11]);
const PRIVATE_THREAD = 12;
const PRIVATE = 1;
const EPOCH_MS = 1_420_070_400_000;

export function createDiscordPlaces(rest: DiscordRest): DiscordPlaces {
  const servers = new BoundedMap<string, ServerPlace>(MOST_KNOWN);
  const people = new BoundedMap<string, string>(MOST_KNOWN);
  const persons = new BoundedMap<string, string>(MOST_KNOWN);
  const look = async (channel: string, signal?: AbortSignal) => {
    const told = await rest.call<unknown>({
      method: "GET",
      path: `/channels/${channel}`,
      ...(signal ? { signal } : {}),
    });
    return readChannel(told);
  };
  const placeOf = ({ id, type, parent_id: parent, name, guild_id: guild }: Found): ServerPlace => {
    const isOpen = OPEN_THREADS.has(type);
    const place = {
      place: (isOpen || type === PRIVATE_THREAD) && parent ? `${parent}:${id}` : id,
      title: name ? `#${name}` : id,
      ...(guild ? { guild } : {}),
      ...(isOpen ? { isOpen } : {}),
    };
    servers.set(id, place);
    return place;
  };
  return {
    isPrivate(person, channel) {
      people.set(person, channel);
      persons.set(channel, person);
    },
    personOf: (channel) => persons.get(channel),
    isOpen: (thread) => servers.get(thread)?.isOpen === true,
    async ofServer(channel, signal) {
      const known = servers.get(channel);
      if (known) return known;
      const found = await look(channel, signal).catch((error: unknown) => {
        // It may be heard and not be looked at.
        if (isAbout(error)) return undefined;
        throw error;
      });
      return found ? placeOf(found) : { place: channel, title: channel };
    },
    async writtenIn(sinceMs, signal) {
      const since = snowflakeAt(sinceMs);
      const ask = async (path: string) => rest.call<unknown>({ method: "GET", path, signal });
      const found: string[] = [];
      for (const { id } of listOf(guildShape, await ask("/users/@me/guilds"))) {
        const channels = listOf(channelShape, await ask(`/guilds/${id}/channels`));
        const active = (await ask(`/guilds/${id}/threads/active`)) as { threads?: unknown } | null;
        for (const one of [...channels, ...listOf(channelShape, active?.threads)])
          if (BigInt(one.last_message_id ?? 0) > since) found.push(placeOf({ ...one, guild_id: id }).place);
      }
      return found;
    },
    async target(place, signal) {
      const [first = "", thread] = place.split(":");
      if (thread !== undefined) {
        const known = servers.get(thread) ?? placeOf(await look(thread, signal));
        if (known.place === place) return { channel: thread, isPrivate: false };
        throw new DiscordFault(`There is no thread ${thread} in the channel ${first}`, {
          status: 404,
          isDoubtful: false,
        });
      }
      const own = people.get(first);
      if (own !== undefined) return { channel: own, isPrivate: true };
      if (servers.has(first)) return { channel: first, isPrivate: false };
      const found = await look(first, signal).catch((error: unknown) => {
        if (error instanceof DiscordFault && error.status === 404) return undefined;
        throw error;
      });
      if (found) {
        if (found.type !== PRIVATE) placeOf(found);
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

type Found = z.output<typeof channelShape>;

/** Numbers of Discord from that moment on are greater: they begin with their time. */
export function snowflakeAt(ms: number): bigint {
  return BigInt(Math.max(0, Math.floor(ms - EPOCH_MS))) << 22n;
}

/** What of a list has the shape. */
function listOf<T>(shape: z.ZodType<T>, told: unknown): T[] {
  return (Array.isArray(told) ? (told as unknown[]) : []).flatMap((one) => shape.safeParse(one).data ?? []);
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
