import { describeError } from "../../base/log.ts";
import type { StoredOutFile, OutFile } from "../../core/ports/outside/outFile.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { ChannelParts } from "./channelParts.ts";
import { imageSources } from "../styledText.ts";

const MOST = 10;
// A longer one is a file itself, and is not read for what it shows.
const MOST_CHARS = 20_000;
// A run with more steps than this hardly shows what it made at its beginning.
const MOST_RESULTS = 200;

/**
 * Copies of the pictures that an answer shows, as `![words](name)`: what tools of its run made, by its name, or else an image of
 * the session's folder that the agent may read unasked. What is neither stays words.
 */
export async function namedPictures(parts: ChannelParts, run: RunRecord, answer: string): Promise<StoredOutFile[]> {
  const names = answer.length > MOST_CHARS ? [] : imageSources(answer);
  if (names.length === 0) return [];
  const made = await madePictures(parts, run);
  const workspace = (await parts.agent.store.getSession(run.sessionKey))?.workspace;
  const kept: StoredOutFile[] = [];
  for (const name of names.slice(0, MOST)) {
    try {
      const found =
        made.get(name) ?? (workspace === undefined ? undefined : await parts.openPicture?.(workspace, name));
      if (found) kept.push(await parts.agent.channels.keep(parts.channel.id, found));
    } catch (error) {
      // It holds up no answer.
      parts.agent.log.info("A picture that an answer names is not sent", { name, error: describeError(error) });
    }
  }
  return kept;
}

/** Of those of one name the newest. */
async function madePictures({ agent }: ChannelParts, { id, sessionKey }: RunRecord): Promise<Map<string, OutFile>> {
  const { messages } = await agent.store.listMessages(sessionKey, { limit: MOST_RESULTS, roles: ["tool"] });
  const images = messages.flatMap((message) =>
    message.role === "tool" && message.runId === id ? (message.images ?? []) : [],
  );
  return new Map(images.map(({ name, data }) => [name, { name, data: Buffer.from(data, "base64") }]));
}
