import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { FileRef } from "../channel.ts";
import { DiscordFault, type DiscordRest, MAX_FILE_BYTES } from "./discordRest.ts";
import { messageShape, refreshedShape } from "./discordShapes.ts";

/** See Channel.fetchFile. An address holds for a day: where it is over, Discord is asked for another. */
export async function fetchFile(rest: DiscordRest, file: FileRef, signal: AbortSignal): Promise<Buffer> {
  const { id: url, name, bytes = 0 } = file;
  if (bytes > MAX_FILE_BYTES)
    throw new AppError("payload_too_large", `${name} has ${Math.ceil(bytes / 1e6)} MB; 20 MB at most are taken`);
  return download(rest, file, signal).catch((error: unknown) => {
    if (!(error instanceof DiscordFault)) throw error;
    const { message, status, retryAfterMs } = error;
    const why = isOver(error) ? `Discord does not have it any more (${status} for ${pathOf(url)})` : message;
    // About this file alone: it says nothing of the bot.
    const isLater = status === 0 || status === 429 || status >= 500;
    throw new AppError(isLater ? "unavailable" : "not_found", why, defined({ retryAfterMs }));
  });
}

async function download(rest: DiscordRest, file: FileRef, signal: AbortSignal): Promise<Buffer> {
  try {
    return await rest.download(file.id, signal);
  } catch (error) {
    if (!isOver(error)) throw error;
    const anew = (await refreshed(rest, file.id, signal)) ?? (await toldAnew(rest, file, signal));
    if (anew === undefined) throw error;
    return rest.download(anew, signal);
  }
}

async function refreshed(rest: DiscordRest, url: string, signal: AbortSignal): Promise<string | undefined> {
  const body = { attachment_urls: [url] };
  const told = await unlessRefused(
    rest.call<unknown>({ method: "POST", path: "/attachments/refresh-urls", body, signal }),
  );
  const { refreshed_urls: urls = [] } = refreshedShape.safeParse(told).data ?? {};
  return urls.find(({ original }) => original === url)?.refreshed;
}

/** As the message that it came with says it now. */
async function toldAnew(
  rest: DiscordRest,
  { id: url, toldBy }: FileRef,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [, channel, message] = /^(\d+)\/(\d+)$/.exec(toldBy ?? "") ?? [];
  if (message === undefined) return undefined;
  const path = `/channels/${channel}/messages/${message}`;
  const told = messageShape.safeParse(await unlessRefused(rest.call<unknown>({ method: "GET", path, signal })));
  if (!told.success) return undefined;
  const { attachments, message_snapshots: passedOn } = told.data;
  const all = [...attachments, ...(passedOn ?? []).flatMap((one) => one.message.attachments)];
  return all.find((one) => pathOf(one.url) === pathOf(url))?.url;
}

/** What Discord says no to in its own words is another way there: undefined. */
async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof DiscordFault && !error.isDoubtful && error.status >= 400 && error.status !== 429)
      return undefined;
    throw error;
  });
}

function isOver(error: unknown): boolean {
  return error instanceof DiscordFault && (error.status === 403 || error.status === 404);
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}
