import type { Store } from "../ports/store.ts";

/**
 * All addresses of the chat that this is one of, the newest first: a group that has become a supergroup has another, and what is said of
 * either holds for both. With a topic behind each where there is one.
 */
export async function chatNames(store: Store, channel: string, place: string): Promise<string[]> {
  const [chat = "", ...topic] = place.split(":");
  const notes = await store.listNotes(channel, "moved:");
  const chats = await store.listNotes(channel, "chat:");
  const moves = [
    ...notes.map(({ key, value }) => ({ from: String(value["from"]), to: key.slice("moved:".length) })),
    // As it was noted before it had a note of its own.
    ...chats
      .filter(({ value }) => typeof value["movedFrom"] === "string")
      .map(({ key, value }) => ({ from: String(value["movedFrom"]), to: key.slice("chat:".length) })),
  ];
  const names = [chat];
  // Nobody moves twice: of a ring each is named once.
  const add = (name: string | undefined, put: "unshift" | "push"): boolean => {
    if (name === undefined || names.includes(name)) return false;
    names[put](name);
    return true;
  };
  while (add(moves.find(({ from }) => from === names[0])?.to, "unshift"));
  while (add(moves.find(({ to }) => to === names.at(-1))?.from, "push"));
  return names.map((name) => [name, ...topic].join(":"));
}
