import type { Origin } from "../../protocol/message.ts";

/** Who called, as it is kept: "panel", or "api:NAME" where the door has names. */
export function originName({ via, id }: Origin): string {
  return id === undefined ? via : `${via}:${id}`;
}
