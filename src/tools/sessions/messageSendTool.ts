import { createHash } from "node:crypto";
import { basename } from "node:path";
import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { readRealFile } from "../../base/files/realFile.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import { quotedLine, visible, visibleLine } from "../../base/text/visible.ts";
import type { ChannelDesk } from "../../core/ports/outside/channelDesk.ts";
import type { StoredOutFile } from "../../core/ports/outside/outFile.ts";
import { type ApprovalAsk, defineTool, type Tool } from "../../core/ports/tool.ts";
import { CHANNELS } from "../../protocol/outside/channelNames.ts";
import { messagePlace } from "../../rules/messagePlace.ts";
import { secretReason } from "../../rules/secretReason.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";

interface Input {
  channel: string;
  to?: string | undefined;
  text?: string | undefined;
  files?: string[] | undefined;
}

const MOST_FILES = 10;

/** The tool over the chat networks that the user set up; where there is none, models are not told of it. */
export function createMessageSend(desk: () => ChannelDesk, names: () => string[]): Tool<Input> {
  return defineTool({
    name: "message_send",
    description: `Message a person's chat (${CHANNELS.join(", ")}), with files of the workspace. Your reply needs no tool. Without \`to\`: this chat.`,
    input: z.object({
      channel: z.string().min(1).max(40),
      to: z.string().min(1).max(60).optional(),
      text: z.string().max(100_000).optional(),
      files: z.array(z.string().min(1).max(4096)).max(MOST_FILES).optional().describe("Paths"),
    }),
    effect: "network",
    isOffered: () => names().length > 0,

    async prepare({ channel, to: given, text = "", files: paths = [] }, { workspace, session }) {
      if (text.trim() === "" && paths.length === 0)
        throw new AppError("bad_request", "A message has a text, or files, or both");
      const to = given ?? (await desk().chatOf(channel, session.key));
      const message = { channel, text, ...defined({ to }) };
      // Told here already where nobody who may talk has that chat; and where it goes by default is shown, and held to.
      const row = await desk().toSend({ ...message, key: "" });
      const place = "put" in row ? row.put.place : to!;
      const about = messagePlace(channel, ...(await desk().names(channel, place)));
      const { maxFileBytes } = desk().settings(channel)!;
      const files: NamedFile[] = [];
      for (const path of paths) {
        const { data, ...file } = await lookAt(workspace, path, maxFileBytes);
        await desk().checkFile(channel, { name: file.shown, data });
        files.push(file);
      }
      return {
        ask: askFor({ channel, place, about, text }, files),
        touches: [about],
        async run() {
          const kept: StoredOutFile[] = [];
          try {
            for (const file of files) kept.push(await desk().keep(channel, await readAgain(file, maxFileBytes)));
          } catch (error) {
            for (const one of kept) await desk().files.drop(one.kept);
            throw error;
          }
          await desk().send({ ...message, to: place, files: kept, byAgent: true });
          return { text: "It is stored, and sent as soon as the network takes it." };
        },
      };
    },
  });
}

/** A file as it was looked at. */
interface NamedFile {
  real: string;
  shown: string;
  bytes: number;
  /** SHA-256, in hex. */
  digest: string;
  /** Why it may not be read unasked. */
  secret?: string;
}

async function lookAt(workspace: string, path: string, max: number): Promise<NamedFile & { data: Buffer }> {
  const { real, shown, exists } = await toWorkspacePath(workspace, path);
  if (!exists) throw new AppError("not_found", `${path} does not exist`);
  const data = await readRealFile(real, max);
  const secret = await secretReason(workspace, real);
  return { real, shown, bytes: data.length, digest: digestOf(data), data, ...defined({ secret }) };
}

async function readAgain({ real, shown, digest }: NamedFile, max: number): Promise<{ name: string; data: Buffer }> {
  const data = await readRealFile(real, max);
  if (digestOf(data) !== digest)
    throw new AppError("conflict", `${shown} has changed since it was looked at. Nothing was sent.`);
  return { name: basename(real), data };
}

function askFor(
  { channel, place, about, text }: { channel: string; place: string; about: string; text: string },
  files: NamedFile[],
): ApprovalAsk {
  const lines = files.map(({ shown, bytes }) => `with the file ${quotedLine(shown, 300)} (${sizeWords(bytes)})`);
  const shown = [`send to ${channel} ${place}:`, ...(text === "" ? [] : [visible(text)]), ...lines].join("\n");
  const secrets = files.flatMap(({ secret }) => secret ?? []);
  return {
    summary: visibleLine(shown),
    subject: { type: "other", text: shown },
    reason: [`sends a message over ${channel}`, ...secrets].join("; "),
    safe: false,
    protected: secrets.length > 0,
    // A file goes where a rule lets it be read as well: a rule about messages alone is one about words.
    effects: [
      { kind: "send", place: about },
      ...files.map(({ real, digest }) => ({ kind: "read" as const, place: real, before: digest })),
    ],
  };
}

function digestOf(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
