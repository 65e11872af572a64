import type { Attachment } from "../../src/protocol/message.ts";
import { strings } from "../parts/strings.ts";
import type { Panel } from "./panelContext.ts";
import { scaledImage } from "./scaledImage.ts";

/** Puts attachments into the draft, images drawn smaller where they must be. What cannot be attached is said above the composer. */
export async function takeAttachments(
  { draft, session }: Pick<Panel, "draft" | "session">,
  given: Attachment[],
  refused: string[] = [],
): Promise<void> {
  const read = await Promise.all(given.map(async (one) => (await scaledImage(one)) ?? strings.notAnImage(one.name)));
  draft.attach(...read.filter((one) => typeof one !== "string"));
  const problems = [...refused, ...read.filter((one) => typeof one === "string")];
  if (problems.length > 0) session.problem.value = problems.join("\n");
}
