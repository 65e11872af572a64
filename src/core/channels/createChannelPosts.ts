import { toDisposable } from "../../base/disposable.ts";
import type { ChannelPosts, PostReceiver } from "../ports/outside/channelPosts.ts";

export function createChannelPosts(): ChannelPosts {
  const receivers = new Map<string, PostReceiver>();
  return {
    open(channel, receiver) {
      receivers.set(channel, receiver);
      return toDisposable(() => {
        if (receivers.get(channel) === receiver) receivers.delete(channel);
      });
    },
    at: (channel) => receivers.get(channel),
  };
}
