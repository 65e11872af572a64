import type { Attachment } from "../../src/protocol/message.ts";
import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import { strings } from "../parts/strings.ts";
import type { Panel } from "./panelContext.ts";
import { scaledImage } from "./scaledImage.ts";

/** What was given to the composer, once it is read. */
interface Read {
  attachments: Attachment[];
  refs?: ContextRef[];
  /** A sentence for each that cannot be attached. */
  refused?: string[];
}

/**
 * Puts what is given into the draft of the session that is shown by now, images drawn smaller where they must be; nothing is sent there
 * before. What cannot be attached is said above the composer.
 */
export function takeAttachments(
  { draft, session }: Pick<Panel, "draft" | "session">,
  read: () => Promise<Read>,
): Promise<void> {
  return draft.reading(async (given) => {
    const { attachments, refs = [], refused = [] } = await read();
    draft.mention(refs, given.of);
    const drawn = await Promise.all(
      attachments.map(async (one) => (await scaledImage(one)) ?? strings.notAnImage(one.name)),
    );
    draft.attach(
      drawn.filter((one) => typeof one !== "string"),
      given.of,
    );
    const problems = [...refused, ...drawn.filter((one) => typeof one === "string")];
    if (problems.length > 0) session.problem.value = problems.join("\n");
    return problems.length === 0;
  });
}
