import { AppError } from "../../base/appError.ts";
import type { ChannelName } from "../../protocol/outside/channelNames.ts";
import type { ChannelPosts, PostReceiver } from "../../core/ports/outside/channelPosts.ts";
import { decodeBody, parseJson, readBody } from "../http/body.ts";
import type { Endpoint } from "../http/endpoint.ts";

const DOOR = "/channels";

/** POST /channels/NAME: what a chat network posts. Its own secret opens it, no token of the gateway; it is answered when it is stored. */
export function createChannelDoor(posts: ChannelPosts): Endpoint {
  const demand = (path: string, headers: ReadonlyMap<string, string>): PostReceiver => {
    const receiver = posts.at(nameOf(path));
    if (!receiver) throw new AppError("not_found", `There is nothing at ${path.slice(0, 200)}`);
    if (!receiver.isFrom(headers)) throw new AppError("unauthorized", "Only the chat network itself may post here");
    return receiver;
  };
  return {
    path: DOOR,
    takesName: true,
    name: "channels",
    verbs: ["POST"],
    // The network names no port; a proxy may name its own behind it.
    isHost: (path, host) => posts.at(nameOf(path))?.host === host.replace(/:\d{1,5}$/, ""),
    admit: ({ path, headers }) => void demand(path, headers),
    async handle(exchange) {
      const { path, headers } = exchange;
      const name = nameOf(path);
      exchange.detail = name;
      exchange.origin = { via: name as ChannelName };
      const body = await readBody(exchange.request);
      // It may come long after its head was let in.
      const receiver = demand(path, headers);
      // Whatever it holds: its sender cannot mend it, and would send it for a day, and nothing behind it.
      const post = parseJson(decodeBody(body));
      await receiver.take(post);
      return { body: { ok: true } };
    },
  };
}

function nameOf(path: string): string {
  return path.slice(DOOR.length + 1);
}
