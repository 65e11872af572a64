import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { ChannelAgent } from "../../core/ports/outside/channelAgent.ts";
import type { FormFile } from "../multipart.ts";
import { asking } from "./askTelegram.ts";
import { type BotApi, BotFault } from "./botApi.ts";
import { type Bot, WANTED } from "./telegramShapes.ts";

/** `channels.telegram.webhook` of openclaw.yml. */
export interface WebhookSettings {
  url: string;
  /** Path of the certificate to be shown to Telegram, in PEM, where no authority signed it. */
  certificate?: string | undefined;
  /** Where Telegram connects to, in place of what the name resolves to. */
  ipAddress?: string | undefined;
  maxConnections?: number | undefined;
}

const infoShape = z.object({
  url: z.string(),
  pending_update_count: z.int().min(0).catch(0),
  /** In seconds. */
  last_error_date: z.number().optional().catch(undefined),
  last_error_message: z.string().optional().catch(undefined),
});

export type WebhookInfo = z.output<typeof infoShape>;

/** The webhook that Telegram has for the bot. One that this store knows as set by itself may be deleted; of all others it keeps its hands. */
export interface Registration {
  info(signal: AbortSignal): Promise<WebhookInfo>;
  /** Rejects with `conflict` where somebody else has set one, and with `bad_request` where Telegram does not take this one. Resolves with the certificate that it was shown. */
  set(bot: Bot, settings: WebhookSettings, secret: string, signal: AbortSignal): Promise<string | undefined>;
  /** What waits stays with Telegram. Resolves with whether there was one of this store's own. */
  deleteOwn(bot: Bot, signal: AbortSignal): Promise<boolean>;
}

export function createRegistration(api: BotApi, { store }: Pick<ChannelAgent, "store">): Registration {
  const keyOf = ({ id }: Bot) => `webhook:${id}`;
  const own = async (bot: Bot): Promise<string[]> => {
    const [note] = (await store.listNotes("telegram", keyOf(bot))).filter(({ key }) => key === keyOf(bot));
    return (note?.value["urls"] as string[] | undefined) ?? [];
  };
  const remember = (bot: Bot, urls: string[]) =>
    store.commit({
      channels: [{ note: { channel: "telegram", key: keyOf(bot) }, value: urls.length > 0 ? { urls } : null }],
    });
  const info = async (signal: AbortSignal): Promise<WebhookInfo> => {
    const told = infoShape.safeParse(await asking(api.call<unknown>("getWebhookInfo", {}, { signal })));
    if (!told.success) throw new AppError("unavailable", "What answered getWebhookInfo is not Telegram");
    return told.data;
  };
  return {
    info,
    async set(bot, settings, secret, signal) {
      const { url } = settings;
      const [{ url: there }, ours] = await Promise.all([info(signal), own(bot)]);
      if (there !== "" && ![url, ...ours].some((one) => isSameUrl(one, there))) throw foreign(there);
      const file = await readCertificate(settings.certificate);
      // Before it is set: whoever is killed in between leaves one that is known.
      await remember(bot, [...new Set([...ours, url])]);
      const { ipAddress: ip_address, maxConnections: max_connections } = settings;
      const params = {
        url,
        secret_token: secret,
        allowed_updates: WANTED,
        ...defined({ ip_address, max_connections }),
      };
      await asking(
        api.call<unknown>("setWebhook", params, { signal, ...defined({ file }) }).catch((error: unknown) => {
          throw toRefusal(error);
        }),
      );
      await remember(bot, [url]);
      return file?.data.toString();
    },
    async deleteOwn(bot, signal) {
      const ours = await own(bot);
      if (ours.length === 0) return false;
      const { url } = await info(signal);
      if (!ours.some((one) => isSameUrl(one, url))) return false;
      await asking(api.call<unknown>("deleteWebhook", {}, { signal }));
      await remember(bot, []);
      return true;
    },
  };
}

/** Somebody else's. Of its address the host alone is told: many have a secret in it. */
export function foreign(url: string): AppError {
  const host = URL.canParse(url) ? new URL(url).host : "an address that cannot be read";
  return new AppError(
    "conflict",
    `Another program has set a webhook for this bot, at ${host}, which takes its messages: \`pincer channels restart --delete-webhook\` deletes it`,
  );
}

export function isSameUrl(one: string, other: string): boolean {
  const plain = (url: string) => (URL.canParse(url) ? new URL(url).href : url);
  return plain(one) === plain(other);
}

function isSelfSigned(pem: string): boolean {
  const certificate = new X509Certificate(pem);
  return certificate.checkIssued(certificate);
}

function toRefusal(error: unknown): unknown {
  if (!(error instanceof BotFault)) return error;
  const isRefused = error.status === 413 || error.status === 400;
  return isRefused ? new AppError("bad_request", error.message) : error;
}

/** `bad_request` for a file that holds none, cannot be read, or is of no use to Telegram. */
export async function readCertificate(path: string | undefined): Promise<FormFile | undefined> {
  if (path === undefined) return undefined;
  try {
    const data = await readFile(path);
    // A file with a key in it is nobody's business.
    const certificates = data.toString("latin1").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    if (!certificates)
      throw new AppError(
        "bad_request",
        `channels.telegram.webhook.certificate: no certificate in PEM stands in ${path}`,
      );
    if (!certificates.some(isSelfSigned))
      throw new AppError(
        "bad_request",
        `channels.telegram.webhook.certificate: none in ${path} signs itself, so that Telegram could trust no chain of it; leave it out where an authority signed it`,
      );
    const pem = Buffer.from(`${certificates.join("\n")}\n`, "latin1");
    return { field: "certificate", name: "certificate.pem", mediaType: "application/x-pem-file", data: pem };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new AppError("bad_request", `channels.telegram.webhook.certificate cannot be read: ${why}, ${path}`);
  }
}
