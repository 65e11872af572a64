import type { Texts } from "../../base/text/texts.ts";
import { channelTitle } from "../words/channelTitle.ts";
import { toReason } from "../settings/modelServers.ts";

/** refused: the network itself said no. Otherwise the token may well be good, and something else is in the way. */
export type BotCheck = { ok: true; id: string; name: string } | { ok: false; refused: boolean; message: string };

interface Asking {
  /** The network's own address unless the configuration names another. */
  apiRoot?: string | undefined;
  signal: AbortSignal;
}

const LIMIT_MS = 20_000;

/** Asks Telegram which bot the token is for. */
export function checkTelegramBot(texts: Texts, token: string, { apiRoot, signal }: Asking): Promise<BotCheck> {
  const url = `${(apiRoot ?? "https://api.telegram.org").replace(/\/+$/, "")}/bot${token}/getMe`;
  const read = (answer: unknown) => (answer as { result?: unknown } | null | undefined)?.result;
  return check(texts, token, { title: channelTitle("telegram"), url, signal, read });
}

/** Asks Discord which bot the token is for. */
export function checkDiscordBot(texts: Texts, token: string, { apiRoot, signal }: Asking): Promise<BotCheck> {
  const root = (apiRoot ?? "https://discord.com").replace(/\/+$/, "").replace(/(?:\/api)?(?:\/v\d+)?$/, "/api/v10");
  const headers = { authorization: `Bot ${token}`, "user-agent": "DiscordBot (https://example.org/pincer, 1)" };
  return check(texts, token, {
    title: channelTitle("discord"),
    url: `${root}/users/@me`,
    headers,
    signal,
    read: (answer) => answer,
  });
}

interface Question {
  title: string;
  url: string;
  headers?: Record<string, string>;
  signal: AbortSignal;
  /** Who the bot is, where the answer says it. */
  read(answer: unknown): unknown;
}

async function check(texts: Texts, token: string, { title, url, headers, signal, read }: Question): Promise<BotCheck> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, {
      signal: AbortSignal.any([AbortSignal.timeout(LIMIT_MS), signal]),
      ...(headers ? { headers } : {}),
      // A token goes where it was meant to go, and nowhere else.
      redirect: "error",
    });
    answer = await response.json().catch(() => undefined);
  } catch (error) {
    // Telegram's address has the token in it, and some errors have the address.
    return { ok: false, refused: false, message: toReason(error, LIMIT_MS, texts).replaceAll(token, "…") };
  }
  const { id, username } = { ...(read(answer) as { id?: unknown; username?: unknown } | null | undefined) };
  if (response.ok && typeof username === "string") return { ok: true, id: String(id), name: username };
  const message = response.ok ? texts.t("what answered is not {0}", title) : `HTTP ${response.status}`;
  return { ok: false, refused: [401, 404].includes(response.status), message };
}
