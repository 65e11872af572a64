import { MOST_CARRIED } from "../../src/base/attachments/mostCarried.ts";
import type { Attachment } from "../../src/protocol/message.ts";
import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import { strings } from "../parts/strings.ts";
import type { Written } from "./draft.ts";
import type { Gateway } from "./panelRoutes.ts";
import { scaledImage } from "./scaledImage.ts";

/** What a message carries, with what its chips mean now. Rejects where that is more than one may. */
export async function readCarried(gateway: Gateway, { text, attachments, refs }: Written): Promise<Attachment[]> {
  checkCount(attachments.length + refs.length);
  const all = [...attachments, ...(await readRefs(gateway, refs))];
  checkCount(all.length);
  if (isTooLarge(text, all)) throw new Error(strings.messageTooLarge);
  return all;
}

function checkCount(count: number): void {
  if (count > MOST_CARRIED) throw new Error(strings.tooManyCarried(count));
}

async function readRefs(gateway: Gateway, refs: ContextRef[]): Promise<Attachment[]> {
  if (refs.length === 0) return [];
  const { attachments, refused } = await gateway.call("editor.readContext", { refs });
  if (refused.length > 0) throw new Error(refused.join("\n"));
  return await Promise.all(
    attachments.map(async (one) => {
      const scaled = await scaledImage(one);
      if (!scaled) throw new Error(strings.notAnImage(one.name));
      return scaled;
    }),
  );
}

/** The gateway takes frames of 1 MiB; what else is in the frame needs less than the difference. */
const MOST_BYTES = 1_000_000;

/** Whether a message is more than one frame holds: the gateway would cut the wire at it. */
function isTooLarge(text: string, attachments: Attachment[]): boolean {
  return new TextEncoder().encode(JSON.stringify([text, attachments])).length > MOST_BYTES;
}
