/**
 * What a worker takes for the moment of what all workers share: room under a budget, a wait for another session, a
 * request's place under a rate limit. Of two that take at once the later one sees the earlier.
 */
export interface Hold {
  /** Put again it takes the place of the one before. */
  id: string;
  /** What it is taken of, each for itself. */
  keys: string[];
  /** The worker, as its queue names it: what lasts for no time of its own goes with it. */
  owner: string;
  /** How long it lasts, whatever becomes of its worker. Absent: until it is dropped. */
  forMs?: number;
  value: HoldValue;
}

export type HoldValue = Record<string, unknown>;

export interface HoldChange {
  put?: Hold;
  /** The id. Nothing where there is none, or where `of` names an owner and another has it by now. */
  drop?: string;
  of?: string;
}

/** One key of a hold, as it is now. */
export interface Held {
  id: string;
  key: string;
  owner: string;
  ageMs: number;
  value: HoldValue;
}

export interface HoldQuery {
  keys: string[];
  /** Who asks: its own are told whether or not it shows life. */
  owner: string;
  /** Only what was put before the hold of this id. */
  before?: string;
}

/** What this process takes of what all workers share. */
export interface Holds {
  /** As which worker it takes. */
  readonly owner: string;
  put(hold: Omit<Hold, "owner">): Promise<void>;
  /** Its own alone. One that cannot be given back for now goes with the next that is put or dropped. */
  drop(id: string): Promise<void>;
  list(keys: string[], before?: string): Promise<Held[]>;
}
