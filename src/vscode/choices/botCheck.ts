import type { Texts } from "../../base/text/texts.ts";
import { toReason } from "../settings/modelServers.ts";

/** refused: Telegram itself said no. Otherwise the token may well be good, and something else is in the way. */
export type BotCheck = { ok: true; name: string } | { ok: false; refused: boolean; message: string };

const API_ROOT = "https://api.telegram.org";
const LIMIT_MS = 20_000;

/** Whether it has the shape of a bot's token. */
export function isBotToken(text: string): boolean {
  return /^\d{1,20}:[\w-]{8,100}$/.test(text.trim());
}

/** Asks Telegram which bot the token is for. `apiRoot` is Telegram's own address unless the configuration names another. */
export async function checkBot(
  texts: Texts,
  token: string,
  { apiRoot = API_ROOT, signal }: { apiRoot?: string | undefined; signal: AbortSignal },
): Promise<BotCheck> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(`${apiRoot.replace(/\/+$/, "")}/bot${token}/getMe`, {
      signal: AbortSignal.any([AbortSignal.timeout(LIMIT_MS), signal]),
      // A token goes where it was meant to go, and nowhere else.
      redirect: "error",
    });
    answer = await response.json().catch(() => undefined);
  } catch (error) {
    // The address has the token in it, and some errors have the address.
    return { ok: false, refused: false, message: toReason(error, LIMIT_MS, texts).replaceAll(token, "…") };
  }
  const name = (answer as { result?: { username?: unknown } } | null | undefined)?.result?.username;
  if (response.ok && typeof name === "string") return { ok: true, name };
  const message = response.ok ? texts.t("what answered is not Telegram") : `HTTP ${response.status}`;
  return { ok: false, refused: [401, 404].includes(response.status), message };
}
