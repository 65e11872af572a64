import type { Disposable } from "../../../base/disposable.ts";

/** Where chat networks post what they have for us: the gateway's door gives it on to whoever runs the channel. */
export interface ChannelPosts {
  /** Whoever opened a channel before takes nothing any more. */
  open(channel: string, receiver: PostReceiver): Disposable;
  /** Who takes what is posted to a channel; undefined while nobody does. */
  at(channel: string): PostReceiver | undefined;
}

/** One channel's end of it. */
export interface PostReceiver {
  /** The Host that the network names, beside those that the gateway is called by. */
  host: string;
  /** Whether a request is from the network, by a secret that nobody else has; in the same time wherever two differ. */
  isFrom(headers: ReadonlyMap<string, string>): boolean;
  /** Resolves when it is stored. `unavailable` where the network is to come again, `bad_request` for what is none of its posts. */
  take(post: unknown): Promise<void>;
}
