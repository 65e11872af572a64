import { BoundedMap } from "../../base/boundedMap.ts";

/** One event of the gateway. */
export interface Dispatch {
  type: string;
  seq: number;
  data: unknown;
}

/** What has come, and is not known to be stored: each chat's in its order, and one that has to wait holds up no other. */
export interface KeptDispatches {
  add(dispatch: Dispatch): void;
  /** Whether it has come already; from here on it has. */
  isKnown(seq: number): boolean;
  /** A new session counts anew. */
  begin(): void;
  /** What may be handed out now. */
  due(): Dispatch[];
  /** The same, and it counts as handed out. */
  hand(): Dispatch[];
  /** Its chat's waits for that long. */
  hold(dispatch: Dispatch, ms: number): void;
  /** What was handed out and not held is stored. */
  settle(): void;
  /** What was handed out is not stored: it is handed out again. */
  takeBack(): void;
  /** Whether anything is handed out and not settled. */
  isHanded(): boolean;
  /** The number of the oldest that is not handed out. */
  firstLeft(): number | undefined;
  /** Milliseconds until something that waits is due. */
  nextMs(): number;
  size(): number;
  /** More would only take memory. */
  isFull(): boolean;
}

const MOST_DUE = 1000;
const MOST_KEPT = 10_000;
const MOST_SEEN = 5000;

/** `now` by a steady clock. */
export function createKeptDispatches(now: () => number): KeptDispatches {
  let kept: Dispatch[] = [];
  const handed = new Set<Dispatch>();
  const waits = new Map<string, number>();
  let seen = new BoundedMap<number, true>(MOST_SEEN);
  const isDue = (dispatch: Dispatch) => (waits.get(chatOf(dispatch)) ?? 0) <= now();
  const due = () => kept.filter((one) => !handed.has(one) && isDue(one));
  return {
    add: (dispatch) => void kept.push(dispatch),
    isKnown(seq) {
      const isKnown = seen.has(seq);
      seen.set(seq, true);
      return isKnown;
    },
    begin() {
      seen = new BoundedMap(MOST_SEEN);
      // The numbers of the session before say nothing in this one.
      for (const one of kept) one.seq = 0;
    },
    due,
    hand() {
      const found = due();
      for (const one of found) handed.add(one);
      return found;
    },
    hold(dispatch, ms) {
      const chat = chatOf(dispatch);
      waits.set(chat, now() + ms);
      for (const one of [...handed]) if (chatOf(one) === chat && one.seq >= dispatch.seq) handed.delete(one);
    },
    settle() {
      kept = kept.filter((one) => !handed.has(one));
      handed.clear();
      for (const [chat, until] of waits) if (until <= now()) waits.delete(chat);
    },
    takeBack: () => handed.clear(),
    isHanded: () => handed.size > 0,
    firstLeft() {
      const left = kept.filter((one) => one.seq > 0 && !handed.has(one));
      return left.length === 0 ? undefined : Math.min(...left.map(({ seq }) => seq));
    },
    nextMs: () => Math.max(1, Math.min(...[...waits.values()].map((until) => until - now()).filter((ms) => ms > 0))),
    size: () => kept.length,
    isFull: () => kept.length >= MOST_KEPT || kept.filter(isDue).length >= MOST_DUE,
  };
}

/** Where it came from; "" for what is about no chat. */
export function chatOf({ data }: Dispatch): string {
  const { channel_id: channel } = (data ?? {}) as { channel_id?: unknown };
  return typeof channel === "string" ? channel : "";
}
