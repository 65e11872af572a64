import { BoundedMap } from "../../base/boundedMap.ts";
import type { Channel, Sent } from "../channel.ts";
import { toBody, toEdit, toWhisper } from "./discordMessage.ts";
import type { DiscordPlaces } from "./discordPlaces.ts";
import { DiscordFault, type DiscordRest, type RestCall } from "./discordRest.ts";
import { interactionShape } from "./discordShapes.ts";
import { defined } from "../../base/defined.ts";

// What is only for show holds up nothing for longer.
const SHOW_MS = 3000;
const MOST_PRESSED = 1000;
/** Discord's number for what its bots do too often, whatever HTTP says. */
export const TOO_OFTEN = 40062;
/** An answer that comes later, which nobody else sees. */
const LATER = { type: 5, data: { flags: 1 << 6 } };
const SEEN = encodeURIComponent("👀");

/** What only shows something for a moment, and who pressed a button is told. */
export function createShow(rest: DiscordRest, places: DiscordPlaces) {
  const acknowledged = new BoundedMap<string, Promise<unknown>>(MOST_PRESSED);
  const quietly = async <T>(call: Omit<RestCall, "timeoutMs">): Promise<T | undefined> => {
    try {
      return await rest.call<T>({ ...call, timeoutMs: SHOW_MS });
    } catch (error) {
      if (!(error instanceof DiscordFault)) throw error;
      return undefined;
    }
  };
  const show = async (place: string, toCall: (at: string) => Omit<RestCall, "timeoutMs">): Promise<Sent> => {
    let isAsked = false;
    try {
      const { channel: at } = await places.target(place);
      isAsked = true;
      const as = messageIdOf(await rest.call<unknown>({ ...toCall(`/channels/${at}`), timeoutMs: SHOW_MS }));
      return { is: "sent", ...defined({ as }) };
    } catch (error) {
      if (!(error instanceof DiscordFault)) throw error;
      return toNotShown(error, isAsked);
    }
  };
  const isSettled = async (shown: Promise<Sent>) => ["sent", "refused"].includes((await shown).is);
  const channel: Channel["show"] = {
    typing: (place) => show(place, (at) => ({ method: "POST", path: `${at}/typing` })),
    seen: (place, messageId) =>
      show(place, (at) => ({ method: "PUT", path: `${at}/messages/${messageId}/reactions/${SEEN}/@me` })),
    draft: (place, text) =>
      show(place, (at) => ({ method: "POST", path: `${at}/messages`, body: toBody({ text }, { isSilent: true }) })),
    edit: (place, messageId, text) =>
      isSettled(show(place, (at) => ({ method: "PATCH", path: `${at}/messages/${messageId}`, body: toEdit(text) }))),
    remove: (place, messageId) =>
      isSettled(show(place, (at) => ({ method: "DELETE", path: `${at}/messages/${messageId}` }))),
    async pressed(pressId, text, marked) {
      // An answer has to be there before it says something.
      await acknowledged.get(pressId);
      const [application = "", token = ""] = pressId.split("/");
      const path = `/webhooks/${application}/${encodeURIComponent(token)}/messages/@original`;
      return quietly({ method: "PATCH", path, body: toWhisper(text, marked), isPublic: true });
    },
  };
  return {
    channel,
    /** Tells Discord that an answer comes: else it says after three seconds that it failed. */
    acknowledge(data: unknown): void {
      const read = interactionShape.safeParse(data);
      if (!read.success) return;
      const { id, token, application_id: application } = read.data;
      const path = `/interactions/${id}/${encodeURIComponent(token)}/callback`;
      const work = quietly({ method: "POST", path, body: LATER, isPublic: true });
      acknowledged.set(
        `${application}/${token}`,
        work.catch(() => {}),
      );
    },
  };
}

/** What a fault means for what is only for show: whether it may be there, or can be later, or never. */
function toNotShown({ message: why, status, code, isDoubtful }: DiscordFault, isAsked: boolean): Sent {
  if (isDoubtful) return isAsked ? { is: "doubtful", why } : { is: "later", ms: 0, why };
  const isRefused = [400, 403, 404].includes(status) && code !== TOO_OFTEN;
  return isRefused ? { is: "refused", why } : { is: "later", ms: 0, why };
}

/** A message's number; undefined where what came back has none. */
export function messageIdOf(sent: unknown): string | undefined {
  const id = (sent as { id?: unknown } | null | undefined)?.id;
  return typeof id === "string" && /^\d{1,20}$/.test(id) ? id : undefined;
}
