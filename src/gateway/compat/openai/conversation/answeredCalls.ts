import type { Core } from "../../../../core/core.ts";
import type { ClientAnswer } from "../../../../protocol/clientTools.ts";
import type { RunRecord } from "../../../../protocol/run.ts";
import type { Attachment, Origin } from "../../../../protocol/message.ts";
import { findCall, type KnownCall, readOnce } from "./callIdentity.ts";
import { type Content, numbered } from "./content.ts";
import type { Conversation } from "./items.ts";
import { isTextType } from "../../../../base/attachments/mediaType.ts";
import { badItem } from "./badItem.ts";
import { type Item, missing } from "./items.ts";
import { toCallId } from "./callIdentity.ts";

/** Results for the calls that a session waits with. */
export interface Answered {
  sessionKey: string;
  /** The session still waits, as far as can be said before its turn comes. */
  isAwaited: boolean;
  answers: ClientAnswer[];
  /** What the user says after them, with the files of the results. */
  said: Content;
}

/**
 * Undefined when the conversation does not end with results of calls that were made here: it is told as a whole then. All of
 * an answer's calls are answered at once, so that the model goes on with all it asked for.
 */
export async function toAnswers(
  core: Core,
  { items, path }: Conversation,
  origin: Origin,
): Promise<Answered | undefined> {
  const after = items.slice(items.findLastIndex(isAnswer) + 1);
  const results = after.flatMap((item) => (item.kind === "result" ? [item] : []));
  const runs = readOnce(core);
  const known = await Promise.all(results.map(({ id }) => findCall(runs, id, origin)));
  const found = known.filter((one): one is KnownCall => one !== undefined);
  const [first] = found;
  if (!first) return undefined;
  const { run } = first;
  const calls = run.outcome?.type === "done" ? (run.outcome.calls ?? []) : [];
  const strange = results.filter((_, at) => known[at]?.run.id !== run.id);
  if (strange.length > 0)
    throw badItem(path, `There is no call ${JSON.stringify(strange[0]!.id.slice(0, 80))} in the answer before.`);
  const left = calls.flatMap((call, at) =>
    found.some((one) => one.call === call || one.call.id === call.id) ? [] : [at],
  );
  if (left.length > 0)
    throw missing(
      left.map((at) => toCallId(run.id, at)),
      path,
    );
  const said = joined(after);
  const files: Attachment[] = [];
  // A result names its files as they go along.
  const named = (one: Attachment): Attachment => {
    if (!isFile(one)) return one;
    files.push(numbered(one, files.length));
    return files.at(-1)!;
  };
  const answers = results.map(({ content: { text, attachments: given } }, at) => ({
    callId: found[at]!.call.id,
    ...toAnswer({ text, attachments: given.map(named) }),
  }));
  const attachments = [...files, ...said.attachments].map(numbered);
  const { sessionKey } = run;
  return { sessionKey, isAwaited: await isAwaited(core, run), answers, said: { ...said, attachments } };
}

// Tries that came to no answer.
const MOST_TRIES = 50;

/** Whether nothing came after the run that handed the calls over, but what came to no answer or has not ended. */
async function isAwaited(core: Core, { id, sessionKey }: RunRecord): Promise<boolean> {
  const runs = await core.runs.list({ sessionKey, limit: MOST_TRIES });
  const later = runs.findIndex((run) => run.id === id);
  return later >= 0 && runs.slice(0, later).every(({ answers, outcome }) => answers && outcome?.type !== "done");
}

/** What the model said or called: results after it are of its calls. */
function isAnswer(item: Item): boolean {
  return item.kind === "call" || (item.kind === "said" && item.role === "assistant");
}

function isImage({ mediaType }: Attachment): boolean {
  return mediaType.startsWith("image/");
}

/** What a result cannot show, and a message of the user's can. */
function isFile(attachment: Attachment): boolean {
  return !isImage(attachment) && !isTextType(attachment.mediaType);
}

function toAnswer({ text, attachments }: Content): Omit<ClientAnswer, "callId"> {
  const images = attachments.filter(isImage);
  const files = attachments.filter((one) => !isImage(one));
  const told = files.map((file) =>
    isFile(file) ? `[${file.name} comes with the message after this]` : `${file.name}:\n${file.data}`,
  );
  return { text: [text, ...told].join("\n\n"), ...(images.length > 0 ? { images } : {}) };
}

function joined(items: Item[]): Content {
  const said = items.flatMap((item) => (item.kind === "said" ? [item.content] : []));
  return {
    text: said
      .map(({ text }) => text)
      .filter(Boolean)
      .join("\n\n"),
    attachments: said.flatMap(({ attachments }) => attachments),
  };
}
