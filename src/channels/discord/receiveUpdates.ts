import { type AppError, isAppError } from "../../base/appError.ts";
import type { Received, Update } from "../channel.ts";
import { asking } from "./asking.ts";
import type { DiscordGateway, Position } from "./discordGateway.ts";
import type { DiscordPlaces } from "./discordPlaces.ts";
import { chatOf, type Dispatch } from "./keptDispatches.ts";
import type { OwnRoles } from "./ownRoles.ts";
import { readDispatch } from "./readDispatch.ts";

interface Parts {
  gateway: DiscordGateway;
  places: DiscordPlaces;
  roles: OwnRoles;
  botId: string;
}

// A channel that cannot be looked at for now is looked at again then.
const HOLD_MS = 5000;

/** See Channel.receive. What came from a chat that cannot be looked at for now comes later, and holds up no other. */
export async function receiveUpdates(
  { gateway, mostMs, ...parts }: Parts & { mostMs: number | undefined },
  cursor: string | number | undefined,
  signal: AbortSignal,
): Promise<Received> {
  const dispatches = await gateway.next(readCursor(cursor), signal, mostMs);
  const updates: Update[] = [];
  const held = new Set<string>();
  for (const dispatch of dispatches) {
    const chat = chatOf(dispatch);
    if (held.has(chat)) continue;
    try {
      updates.push(await toUpdate(dispatch, parts, signal));
    } catch (error) {
      const code = isAppError(error) ? error.code : "internal";
      if (code !== "rate_limited" && code !== "unavailable") throw error;
      gateway.hold(dispatch, (error as AppError).retryAfterMs ?? HOLD_MS);
      held.add(chat);
    }
  }
  const { id, seq, url, mark } = gateway.position();
  const next = JSON.stringify([id, seq, url, mark]);
  // Without updates the cursor alone is to be kept.
  if (updates.length === 0 && next !== cursor) updates.push({ id: `${id} ${seq}` });
  const isNew = dispatches.some(({ type }) => type === "READY");
  return { updates, cursor: next, ...(isNew ? { isGap: true as const } : {}) };
}

function readCursor(cursor: string | number | undefined): Position | undefined {
  if (typeof cursor !== "string") return undefined;
  try {
    const [id, seq, url, mark = 0] = JSON.parse(cursor) as unknown[];
    if (typeof id === "string" && typeof url === "string" && Number.isSafeInteger(seq) && Number.isSafeInteger(mark))
      return { id, seq: seq as number, url, mark: mark as number };
  } catch {
    // Of another version: a new session tells what is missing.
  }
  return undefined;
}

async function toUpdate(
  given: Dispatch,
  { places, roles, botId }: Omit<Parts, "gateway">,
  signal: AbortSignal,
): Promise<Update> {
  const dispatch = await asking(roles.asBot(given, botId, signal));
  const { type, seq } = dispatch;
  const read = readDispatch(dispatch, botId);
  if (!read) return { id: `${type} ${seq}` };
  if ("strange" in read) return { id: `${type} ${seq}`, strange: read.strange };
  const { id, channel, what } = read;
  if (what.kind === "gone") {
    const place = what.isPrivate ? places.personOf(channel) : (await asking(places.ofServer(channel, signal))).place;
    return place === undefined ? { id } : { id, what: { kind: "gone", place, messageIds: what.messageIds } };
  }
  const { person, isPrivate } = what;
  if (isPrivate) places.isPrivate(person.id, channel);
  const { place, title } = isPrivate
    ? { place: person.id, title: person.name }
    : await asking(places.ofServer(channel, signal));
  return { id, what: what.kind === "press" ? { ...what, place } : { ...what, place, title } };
}
