import type { Attachment } from "../../src/protocol/message.ts";

/** The gateway takes frames of 1 MiB; what else is in the frame needs less than the difference. */
const MOST_BYTES = 1_000_000;

/** Whether a message is more than one frame holds: the gateway would cut the wire at it. */
export function isTooLarge(text: string, attachments: Attachment[]): boolean {
  return new TextEncoder().encode(JSON.stringify([text, attachments])).length > MOST_BYTES;
}
