import { describeError } from "../../base/log.ts";
import type { Core } from "../../core/core.ts";
import type { ChannelRestart } from "../../core/ports/outside/channelDesk.ts";
import { openPicture } from "../readable.ts";
import type { Leading } from "../leading/leading.ts";

type Running = { of: string; close(): Promise<void> };

/** Runs the chat networks of the configuration while this process leads, and follows its changes. */
export function startChannels(leading: Leading, core: Core): void {
  const { configuration, settings, host, redactor, log, closing } = leading;
  let running: Running | undefined;
  let isOver = false;
  const follow = async (wanted?: ChannelRestart): Promise<void> => {
    const { telegram } = configuration.current().channels;
    const token =
      telegram && (telegram.token ?? (await host.secret("telegram.token")) ?? process.env["TELEGRAM_BOT_TOKEN"]);
    redactor.add(token);
    const of = JSON.stringify([telegram, token]);
    if (running?.of === of && !wanted) return;
    await running?.close();
    running = undefined;
    if (isOver || !telegram) return;
    const report = (error: string) => core.channels.report("telegram", { state: "failed", error });
    if (token === undefined)
      return report("No token is known: store one, or set channels.telegram.token or TELEGRAM_BOT_TOKEN");
    // Most have no channel, and load none of this.
    const [{ openTelegram }, { runChannel }] = await Promise.all([
      import("../../channels/index.ts"),
      import("../../channels/runChannel.ts"),
    ]);
    try {
      const channel = openTelegram({ token, apiRoot: telegram.apiRoot });
      const { deleteWebhook = false } = wanted ?? {};
      const owner = host.name;
      const started = runChannel({
        agent: core,
        channel,
        owner,
        redact: redactor.text,
        openPicture: (folder, path) => openPicture(folder, path, settings.agent().rules ?? []),
        deleteWebhook,
      });
      running = { of, close: () => started.close() };
    } catch (error) {
      report(describeError(error));
    }
  };
  // One after another: a channel that is changed twice is run once.
  let last = Promise.resolve();
  const next = (wanted?: ChannelRestart): void => {
    last = last
      .then(() => follow(wanted))
      .catch((error: unknown) => {
        log.error("The channels of the configuration could not be taken over", { error: describeError(error) });
      });
  };
  next();
  const following = configuration.onDidChange(() => next());
  const restarting = core.channels.onRestart(next);
  closing.add("the channels", async () => {
    following.dispose();
    restarting.dispose();
    isOver = true;
    await last;
    await running?.close();
  });
}
